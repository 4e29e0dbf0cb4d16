import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { cancelledError, MillraceError } from '@millrace/core';
import { detectPackageManager, discoverPlugins, installCommand, type PluginRegistry } from '@millrace/core/registry';
import type { CommandContext } from '../command-context.ts';
import { loadRuntimeModule, type RuntimeModule } from '../host/runtime-module.ts';
import { ask } from '../init/ask.ts';
import { findDataFiles } from '../init/find-data-files.ts';
import { ignoreDataFolder } from '../init/ignore-data-folder.ts';
import { nameDatasets } from '../init/name-datasets.ts';
import { type NewConfig, writeConfig } from '../init/write-config.ts';
import { UsageError } from '../usage-error.ts';

/**
 * Writes a configuration for the data files beside it, and keeps the folder of local copies out of git.
 * @throws MillraceError `already_exists` unless `force` is given, `cancelled` when the user gives up. @throws UsageError where nobody can be asked.
 */
export async function runInit(
  context: CommandContext,
  options: { readonly yes?: boolean; readonly force?: boolean },
): Promise<void> {
  const { io, configPath, hostRoot, signal } = context;
  const folder = dirname(configPath);
  if (options.yes !== true && (io.stdin.isTTY !== true || io.stderr.isTTY !== true))
    throw new UsageError('there is no terminal to ask on; add --yes to take every data file');
  await mkdir(folder, { recursive: true });
  const registry = discoverPlugins({ hostRoot });
  const found = { name: basename(folder), files: await findDataFiles(folder) };
  const accelerators = [...registry.accelerators.keys()];
  const config = options.yes === true ? found : await ask({ ...found, io, signal, accelerators });
  if (config === undefined) throw cancelledError('init');
  const { loadConfig } = await loadRuntimeModule(hostRoot);
  const names = await nameDatasets(config.files, (name) => isUsableName(loadConfig, name));
  await writeNew(configPath, writeConfig(config, names), options.force === true ? 'w' : 'wx');
  const ignored = await ignoreDataFolder(folder);
  const count = config.files.length;
  io.stderr.write(`${configPath} written with ${count} dataset${count === 1 ? '' : 's'}\n`);
  if (ignored === 'added') io.stderr.write('.millrace/ added to .gitignore\n');
  io.stderr.write(nextSteps(config, registry, hostRoot));
}

/** The configuration's own rule decides. */
function isUsableName(loadConfig: RuntimeModule['loadConfig'], name: string): Promise<boolean> {
  return loadConfig({ config: { datasets: [{ from: 'file:data', name }] } }).then(
    () => true,
    () => false,
  );
}

/** The flag decides, and not a look beforehand: between the two somebody else may write the file. */
async function writeNew(file: string, text: string, flag: 'w' | 'wx'): Promise<void> {
  try {
    await writeFile(file, text, { flag });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new MillraceError({
      code: 'already_exists',
      component: 'init',
      message: `${file} is there already`,
      hint: 'Add --force to overwrite it',
      cause,
    });
  }
}

function nextSteps({ files }: NewConfig, registry: PluginRegistry, hostRoot: string): string {
  if (files.length === 0) return 'No data files were found here: add datasets to it.\n';
  if (registry.find('connector', 'file') !== undefined) return 'Next: millrace sql "SHOW TABLES"\n';
  return `Next: ${installCommand(detectPackageManager(hostRoot), ['@millrace/connector-file'])}\n`;
}
