import { type CreateTableCommand, datasetComponent } from '@millrace/core';
import { createRefuse } from './refuse.ts';

/** How an engine takes the names of columns. */
export interface NameRules {
  /** Id of the accelerator. */
  readonly connector: string;
  /** How messages call the engine, for example `SQLite`. */
  readonly engineName: string;
  /** Makes names equal that are one to the engine, which ignores case; default: each name is another one. */
  readonly foldName?: (name: string) => string;
}

/** @throws MillraceError `unsupported` for two columns that have one name to the engine. */
export function requireDistinctNames(command: CreateTableCommand, rules: NameRules): void {
  const { connector, engineName, foldName = (name: string) => name } = rules;
  const byName = new Map<string, string>();
  for (const { name } of command.schema.fields) {
    const folded = foldName(name);
    const twin = byName.get(folded);
    if (twin !== undefined)
      throw createRefuse({ component: datasetComponent(command), connector })(
        'unsupported',
        twin === name
          ? `two columns are called ${JSON.stringify(name)}`
          : `columns ${JSON.stringify(twin)} and ${JSON.stringify(name)} have one name to ${engineName}, which ignores case`,
        'Rename one of them with refresh_sql, or use the engine arrow',
      );
    byName.set(folded, name);
  }
}
