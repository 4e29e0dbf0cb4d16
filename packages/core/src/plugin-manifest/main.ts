import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeParameterTables } from '../registry/parameter-table.ts';
import { checkPluginPackage } from './check-plugin-package.ts';

/**
 * Checks the built plugin package in the folder given as argument (default: the current one) and writes its files of
 * parameters. Exit code 1, and nothing written, when anything is wrong.
 */
export async function main(args: readonly string[]): Promise<number> {
  const folder = path.resolve(args[0] ?? '.');
  const { problems, parameterFiles } = await checkPluginPackage(folder);
  if (problems.length > 0) {
    console.error(`${path.join(folder, 'package.json')}: the plugin manifest is wrong`);
    for (const problem of problems) console.error(`  - ${problem}`);
    return 1;
  }
  for (const [file, tables] of parameterFiles) {
    const target = path.join(folder, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, writeParameterTables(tables));
  }
  return 0;
}
