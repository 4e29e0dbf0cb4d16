import { isDeepStrictEqual } from 'node:util';
import { MillraceError } from '@millrace/core';
import { checkDependencies } from '../config/check-dependencies.ts';
import { checkViewDependencies } from '../config/check-view-dependencies.ts';
import { ConfigReport } from '../config/config-problem.ts';
import type { DatasetConfig, ResolvedConfig, ViewConfig } from '../config/index.ts';
import { toComparisonKey } from '../config/table-name.ts';

/** What a reload applies, and what says nothing about how the runtime works. Everything else of a configuration takes a restart. */
const APPLIED: ReadonlySet<string> = new Set<keyof ResolvedConfig>([
  'version',
  'name',
  'file',
  'baseDirectory',
  'warnings',
  'redactor',
  'datasets',
  'views',
  'catalogs',
  'resultsCache',
  'datasetLoadParallelism',
]);

/** Settings as the file names them, by their members. */
const FIELD_NAMES: ReadonlyMap<string, string> = new Map([['memoryLimit', '`runtime.memory_limit`']]);

/**
 * Makes sure that nothing differs which cannot change while the runtime runs: what the engine and its instances were opened with.
 * @throws MillraceError `unsupported` with the name of the setting.
 */
export function requireSameFrame(before: ResolvedConfig, after: ResolvedConfig): void {
  const [left, right] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const members = new Set([...left.keys(), ...right.keys()]);
  const changed = [...members].find(
    (name) => !APPLIED.has(name) && !isDeepStrictEqual(left.get(name), right.get(name)),
  );
  if (changed === undefined) return;
  throw new MillraceError({
    code: 'unsupported',
    component: 'configuration',
    message: `${FIELD_NAMES.get(changed) ?? `the setting ${changed}`} cannot change while the runtime runs: what is open was opened with it; nothing was changed`,
    hint: 'Restart with the new configuration.',
  });
}

/** What runs after a change, and what of it the file does not name, because it came by calls. */
export interface NextDefinitions {
  readonly datasets: readonly DatasetConfig[];
  readonly views: readonly ViewConfig[];
}

/**
 * Makes sure that what depends on something finds it, and that names are told apart, for what came by calls as well.
 * @throws MillraceError `invalid_config`, `already_exists`.
 */
export function requireWhole(
  { datasets, views }: NextDefinitions,
  { catalogs }: Pick<ResolvedConfig, 'catalogs'>,
): void {
  const report = new ConfigReport();
  checkDependencies(datasets, report);
  checkViewDependencies({ report }, { views, names: [...datasets, ...views].map(({ name }) => name) });
  const taken = new Set(datasets.map(({ name }) => toComparisonKey(name)));
  const covered = new Set(catalogs.map(({ name }) => name.toLowerCase()));
  const refuse = (component: string, entry: DatasetConfig | ViewConfig, message: string): void =>
    report.problem({
      code: 'already_exists',
      component,
      message,
      hint: 'Choose another name, or remove what has it.',
      location: entry.location('name'),
    });
  for (const view of views)
    if (taken.has(toComparisonKey(view.name)))
      refuse(`view ${view.name.text}`, view, 'the name is that of a dataset already');
  for (const entry of [...datasets, ...views]) {
    const schemaName = entry.name.schemaName?.toLowerCase().split('.', 1)[0] ?? '';
    if (covered.has(schemaName)) refuse(entry.name.text, entry, `its schema is the name of the catalog ${schemaName}`);
  }
  report.throwIfAny();
}
