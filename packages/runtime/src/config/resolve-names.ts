import { holdsSecretReference } from '../secrets/secret-reference.ts';
import type { ConfigName } from './config-model.ts';
import { type ConfigNode, type ConfigPath, nodeAt } from './config-node.ts';
import { componentOf, placeOf } from './config-place.ts';
import type { ConfigReport } from './config-problem.ts';
import { parseTableName, toComparisonKey } from './table-name.ts';

/** The names of datasets and views by their entry: `datasets[0]` is the key `datasets 0`. */
export interface ConfigNames {
  /** Undefined when there is no name, or none that can be used. */
  get(list: 'datasets' | 'views', index: number): ConfigName | undefined;
}

/**
 * Reads every name that is a text, also of entries that are broken elsewhere, and reports illegal and repeated ones.
 * Datasets and views share one space, and case does not tell names apart.
 */
export function resolveNames(root: ConfigNode, report: ConfigReport): ConfigNames {
  const names = new Map<string, ConfigName>();
  const owners = new Map<string, ConfigPath>();
  for (const list of ['datasets', 'views'] as const) {
    const node = nodeAt(root, [list]);
    const count = node?.kind === 'list' ? node.items.length : 0;
    for (let index = 0; index < count; index++) {
      const path = [list, index, 'name'];
      const name = readName(root, path, report);
      if (!name) continue;
      const key = toComparisonKey(name);
      const owner = owners.get(key);
      if (owner) reportRepeated({ root, path, owner, report });
      else owners.set(key, path);
      names.set(`${list} ${index}`, name);
    }
  }
  return { get: (list, index) => names.get(`${list} ${index}`) };
}

function readName(root: ConfigNode, path: ConfigPath, report: ConfigReport): ConfigName | undefined {
  const node = nodeAt(root, path);
  if (node?.kind !== 'scalar' || typeof node.value !== 'string' || node.value === '') return undefined;
  const result = parseTableName(node.value);
  if (result.kind === 'name' && !holdsSecretReference(node.value)) return result.name;
  const { reason: message, hint } =
    result.kind === 'refused' ? result : { reason: '`name` holds a reference', hint: 'References belong in `params`' };
  report.problem({ ...placeOf(root, path), code: 'invalid_config', message, hint });
  return undefined;
}

interface RepeatedName {
  readonly root: ConfigNode;
  readonly path: ConfigPath;
  readonly owner: ConfigPath;
  readonly report: ConfigReport;
}

function reportRepeated({ root, path, owner, report }: RepeatedName): void {
  const { location: first } = placeOf(root, owner);
  const place = placeOf(root, path);
  report.problem({
    ...place,
    code: 'already_exists',
    message: `the name is that of ${componentOf(root, owner)}${first ? ` in line ${first.line}` : ''} already`,
    hint: 'Names that differ only by case are one name in SQL; choose another',
  });
}
