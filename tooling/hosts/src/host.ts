import { createHostFolder, type HostFolder } from './host-folder.ts';
import type { PackageManager } from './package-manager.ts';
import { type CommandOutcome, runCommand, runSuccessfully } from './run-command.ts';

/** The first installation on a machine downloads DuckDB. */
export const INSTALL_TIMEOUT_MS = 300_000;

/** What a host application is made from. */
export interface HostRequest {
  readonly manager: PackageManager;
  readonly env: NodeJS.ProcessEnv;
  /** Names and ranges. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** Files by relative path. */
  readonly files: Readonly<Record<string, string>>;
}

/** An application outside the repository, with its packages installed. */
export interface Host extends Disposable {
  readonly folder: HostFolder;
  /** Runs the command `millrace`. */
  millrace(...args: readonly string[]): Promise<CommandOutcome>;
  /** Runs a script of the host to its end; rejects when it fails. Resolves to what it printed. */
  script(file: string): Promise<string>;
}

/**
 * Makes a host application and installs its packages.
 * @throws Error with the package manager's output when the installation fails; the folder is removed.
 */
export async function installHost({ manager, env, dependencies, files }: HostRequest): Promise<Host> {
  const folder = createHostFolder();
  const { root: cwd } = folder;
  folder.write('package.json', { name: 'host', version: '1.0.0', private: true, type: 'module', dependencies });
  for (const [file, content] of Object.entries({ ...manager.files, ...files })) folder.write(file, content);
  try {
    await runSuccessfully({ command: manager.install, cwd, env, timeoutMs: INSTALL_TIMEOUT_MS });
  } catch (error) {
    folder.close();
    throw error;
  }
  return {
    folder,
    millrace: (...args) => runCommand({ command: [...manager.run, 'millrace', ...args], cwd, env }),
    script: (file) => runSuccessfully({ command: [...manager.node, file], cwd, env }),
    [Symbol.dispose]: folder.close,
  };
}
