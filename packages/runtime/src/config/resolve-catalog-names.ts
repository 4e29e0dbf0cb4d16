import type { ConfigName } from './config-model.ts';
import { type ConfigNode, type ConfigPath, nodeAt } from './config-node.ts';
import { componentOf, placeOf } from './config-place.ts';
import type { ConfigReport } from './config-problem.ts';
import type { ConfigNames } from './resolve-names.ts';
import { parseCatalogName } from './table-name.ts';

/** Names of catalogs by their position; one that cannot be used is absent. */
export type CatalogNames = ReadonlyMap<number, string>;

/**
 * Reads the names of the catalogs and reports illegal and repeated ones, and datasets and views in schemas that a catalog's name
 * covers: `pg.orders` could mean two things beside a catalog `pg`.
 */
export function resolveCatalogNames(root: ConfigNode, names: ConfigNames, report: ConfigReport): CatalogNames {
  const catalogs = new Map<number, string>();
  const owners = new Map<string, ConfigPath>();
  for (let index = 0; index < countOf(root, 'catalogs'); index++) {
    const path = ['catalogs', index, 'name'];
    const node = nodeAt(root, path);
    if (node?.kind !== 'scalar' || typeof node.value !== 'string' || node.value === '') continue;
    const result = parseCatalogName(node.value);
    if (result.kind === 'refused') {
      const { reason: message, hint } = result;
      report.problem({ ...placeOf(root, path), code: 'invalid_config', message, hint });
      continue;
    }
    const owner = owners.get(result.name.toLowerCase());
    if (owner) {
      const { location } = placeOf(root, owner);
      const message = `the name is that of ${componentOf(root, owner)}${location ? ` in line ${location.line}` : ''} already`;
      report.problem({ ...placeOf(root, path), code: 'already_exists', message, hint: 'Choose another' });
    } else owners.set(result.name.toLowerCase(), path);
    catalogs.set(index, result.name);
  }
  for (const list of ['datasets', 'views'] as const) {
    for (let index = 0; index < countOf(root, list); index++) {
      const owner = findOwner(names.get(list, index), owners);
      if (!owner) continue;
      report.problem({
        ...placeOf(root, [list, index, 'name']),
        code: 'already_exists',
        message: `its schema is the name of ${componentOf(root, owner)}`,
        hint: 'Choose another schema, or another name for the catalog',
      });
    }
  }
  return catalogs;
}

function findOwner(name: ConfigName | undefined, owners: ReadonlyMap<string, ConfigPath>): ConfigPath | undefined {
  const schemaName = name?.schemaName?.toLowerCase();
  return schemaName === undefined ? undefined : owners.get(schemaName.split('.', 1)[0] ?? '');
}

function countOf(root: ConfigNode, list: 'datasets' | 'views' | 'catalogs'): number {
  const node = nodeAt(root, [list]);
  return node?.kind === 'list' ? node.items.length : 0;
}
