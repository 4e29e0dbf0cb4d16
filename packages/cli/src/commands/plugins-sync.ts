import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '@millrace/core';
import { discoverPlugins, generateStaticRegistry } from '@millrace/core/registry';
import type { CommandContext } from '../command-context.ts';

const FILE_NAME = 'millrace.plugins.generated.ts';

/**
 * Writes the static registry, from which a bundler sees the plugins, beside the host's package.json; with `check` only says
 * whether it is up to date.
 *
 * @throws MillraceError `conflict` when it is not; `plugin_failed` for a plugin without usable parameters.
 */
export async function runPluginsSync(
  { io, hostRoot }: CommandContext,
  options: { readonly check?: boolean },
): Promise<void> {
  const registry = discoverPlugins({ hostRoot });
  for (const { severity, package: name, message, code } of registry.diagnostics)
    if (severity === 'error') io.stderr.write(`warning: left out: ${name}: ${message} [${code}]\n`);
  const file = join(hostRoot, FILE_NAME);
  const generated = await generateStaticRegistry(registry);
  const isCurrent = (await readIfThere(file)) === generated;
  if (!isCurrent && options.check === true)
    throw new MillraceError({
      code: 'conflict',
      component: 'plugins',
      message: `${file} is not up to date with the installed plugins`,
      hint: 'Run `millrace plugins sync` and commit the file',
    });
  if (!isCurrent) await writeFile(file, generated);
  io.stderr.write(`${file} ${isCurrent ? 'is up to date' : 'written'}\n`);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
