import { tmpdir } from 'node:os';
import { runCommand } from './run-command.ts';

/** The registry that this machine's npm uses, or why hosts cannot be installed from it. */
export type UpstreamRegistry =
  | { readonly kind: 'reachable'; readonly url: string; readonly caFile?: string }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** Asks npm which registry it uses, and that registry for a package that hosts need. */
export async function findUpstreamRegistry(): Promise<UpstreamRegistry> {
  const npm = (...args: readonly string[]) =>
    runCommand({ command: ['npm', ...args], cwd: tmpdir(), env: process.env, timeoutMs: 30_000 });
  try {
    const [registry, caFile, probe] = await Promise.all([
      npm('config', 'get', 'registry'),
      npm('config', 'get', 'cafile'),
      npm('view', 'yaml', 'name', '--prefer-online', '--fetch-retries=0', '--fetch-timeout=10000'),
    ]);
    if (probe.exitCode !== 0 || probe.stdout.trim() !== 'yaml')
      return { kind: 'unreachable', reason: 'the npm registry is unreachable' };
    const file = caFile.stdout.trim();
    return {
      kind: 'reachable',
      url: registry.stdout.trim().replace(/\/+$/, ''),
      ...(file === '' || file === 'null' || file === 'undefined' ? {} : { caFile: file }),
    };
  } catch {
    return { kind: 'unreachable', reason: 'npm does not answer' };
  }
}
