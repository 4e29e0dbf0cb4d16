import type { DatasetConfig } from '../config/index.ts';
import { isSameDefinition } from '../config/same-definition.ts';
import { toComparisonKey } from '../config/table-name.ts';
import type { Dataset } from './dataset.ts';

/** What has to be done so that a file that has changed is what runs. */
export interface ConfigDifference {
  readonly added: readonly DatasetConfig[];
  readonly updated: readonly { readonly old: Dataset; readonly config: DatasetConfig }[];
  readonly removed: readonly Dataset[];
}

/**
 * What a file says otherwise than before, `applied`, as far as it does not run already. What the file says as before is left alone, and so is
 * what it never knew of: datasets that were added, updated or removed by calls.
 */
export function differenceOf(
  applied: ReadonlyMap<string, DatasetConfig>,
  wanted: readonly DatasetConfig[],
  running: readonly Dataset[],
): ConfigDifference {
  const byKey = new Map(running.map((dataset) => [toComparisonKey(dataset.config.name), dataset]));
  const changed = wanted.filter((config) => {
    const key = toComparisonKey(config.name);
    const [before, now] = [applied.get(key), byKey.get(key)];
    return !(before && isSameDefinition(before, config)) && !(now && isSameDefinition(now.config, config));
  });
  const keys = new Set(wanted.map(({ name }) => toComparisonKey(name)));
  return {
    added: changed.filter(({ name }) => !byKey.has(toComparisonKey(name))),
    updated: changed.flatMap((config) => {
      const old = byKey.get(toComparisonKey(config.name));
      return old ? { old, config } : [];
    }),
    removed: [...applied.keys()].flatMap((key) => (keys.has(key) ? [] : (byKey.get(key) ?? []))),
  };
}
