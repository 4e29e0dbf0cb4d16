import type { ConfigName, Located } from '../config/index.ts';
import { isSameDefinition } from '../config/same-definition.ts';
import { toComparisonKey } from '../config/table-name.ts';

/** An entry of a list of a configuration: a dataset or a view. */
export interface NamedEntry extends Located {
  readonly name: ConfigName;
}

/** What has to be done so that a list of a file that has changed is what runs. */
export interface ConfigDifference<Entry, Running> {
  readonly added: readonly Entry[];
  readonly updated: readonly { readonly old: Running; readonly config: Entry }[];
  readonly removed: readonly Running[];
}

/**
 * What a file says otherwise than before, `applied`, as far as it does not run already. What the file says as before is left alone, and so is
 * what it never knew of: what was added, updated or removed by calls.
 */
export function differenceOf<Entry extends NamedEntry, Running extends { readonly config: Entry }>(
  applied: ReadonlyMap<string, Entry>,
  wanted: readonly Entry[],
  running: readonly Running[],
): ConfigDifference<Entry, Running> {
  const byKey = new Map(running.map((each) => [toComparisonKey(each.config.name), each]));
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

/** The entries of a list by name. */
export function byName<Entry extends NamedEntry>(entries: readonly Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [toComparisonKey(entry.name), entry]));
}

/** What runs once a difference has been applied: what it leaves alone, and what it brings. */
export function afterDifference<Entry extends NamedEntry, Running extends { readonly config: Entry }>(
  { added, updated, removed }: ConfigDifference<Entry, Running>,
  running: readonly Running[],
): { readonly staying: readonly Running[]; readonly coming: readonly Entry[] } {
  const gone = new Set([...removed, ...updated.map(({ old }) => old)]);
  return {
    staying: running.filter((each) => !gone.has(each)),
    coming: [...added, ...updated.map(({ config }) => config)],
  };
}
