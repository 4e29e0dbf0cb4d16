import { Buffer } from 'node:buffer';
import { type Catalog, MillraceError, type TableProvider } from '@millrace/core';
import {
  connectorMutant,
  type Mutant,
  requestMutant,
  rewriteAll,
  scanMutant,
  streamMutant,
  tableMutant,
} from './mutate.ts';

function catalogMutant(name: string, found: string, change: (catalog: Catalog, log: string[]) => Catalog): Mutant {
  return connectorMutant(name, [found], (connector, remote) => ({
    ...connector,
    catalogProvider: async (source, context) => change(await connector.catalogProvider!(source, context), remote.log),
  }));
}

/** Looks another name up than the one that was asked for. */
function pathMutant(name: string, found: readonly string[], change: (path: string) => string): Mutant {
  return connectorMutant(name, found, (connector) => ({
    ...connector,
    readProvider: (dataset, context) => connector.readProvider({ ...dataset, path: change(dataset.path) }, context),
  }));
}

/** Connectors that list, name and describe tables in wrong ways. */
export const CATALOG_MUTANTS: readonly Mutant[] = [
  catalogMutant('lists tables twice', 'catalog/listing-is-unique-and-stable', (catalog) => ({
    ...catalog,
    async *tables(namespace, context) {
      yield* catalog.tables(namespace, context);
      yield* catalog.tables(namespace, context);
    },
  })),
  catalogMutant('lists views as tables', 'catalog/listing-is-unique-and-stable', (catalog) => ({
    ...catalog,
    async *tables(namespace, context) {
      for await (const listing of catalog.tables(namespace, context)) yield { ...listing, tableType: 'base' };
    },
  })),
  catalogMutant('fails for tables that are not there', 'catalog/missing-in-catalog', (catalog) => ({
    ...catalog,
    async table(reference, context) {
      const table = await catalog.table(reference, context);
      if (table !== undefined) return table;
      throw new MillraceError({ code: 'not_found', component: 'mutant', message: 'there is none' });
    },
  })),
  catalogMutant('asks about every table while listing', 'catalog/listing-is-paged', (catalog, log) => ({
    ...catalog,
    async *tables(namespace, context) {
      for await (const listing of catalog.tables(namespace, context)) {
        log.push(`DESCRIBE ${listing.reference.name}`);
        yield listing;
      }
    },
  })),
  pathMutant('opens the table with the nearest name', ['catalog/missing-table'], (path) =>
    path === 'natoin' ? 'nation' : path,
  ),
  rememberingTables(),
  tableMutant('calls every column nullable', ['catalog/schema-is-as-documented'], (table) => ({
    ...table,
    schema: { fields: table.schema.fields.map((each) => ({ ...each, nullable: true })) },
  })),
  alternatingSchemas(),
  tableMutant('has two columns of one name', ['catalog/names-are-unique'], (table) => ({
    ...table,
    schema: { fields: [...table.schema.fields, table.schema.fields[0]!] },
  })),
  connectorMutant(
    'leaves odd columns out whatever is asked',
    ['catalog/unsupported-columns-follow-the-policy'],
    (connector) => ({
      ...connector,
      readProvider: (dataset, context) =>
        connector.readProvider({ ...dataset, unsupportedTypeAction: 'ignore' }, context),
    }),
  ),
  tableMutant('reports no keys', ['catalog/keys-are-reported'], ({ constraints: _, ...table }) => table),
  requestMutant('knows 256 columns', ['catalog/many-columns'], (request) => ({
    ...request,
    projection: request.projection.map((ordinal) => Math.min(ordinal, 255)),
  })),
  streamMutant(
    'gives nothing when the columns have changed',
    ['catalog/columns-change-between-plan-and-read'],
    async function* (open, { context }) {
      try {
        yield* open(context);
      } catch {
        // As if there were no rows.
      }
    },
  ),
  pathMutant('trims names', ['catalog/odd-table-names'], (path) => path.trim()),
  pathMutant('folds names', ['catalog/names-that-differ-by-case', 'catalog/odd-table-names'], (path) =>
    path.toLowerCase(),
  ),
  pathMutant('cuts names at 63 bytes', ['catalog/longest-names'], (path) =>
    Buffer.from(path).subarray(0, 63).toString(),
  ),
  pathMutant('does not quote reserved words', ['catalog/reserved-words'], (path) => (path === 'select' ? '' : path)),
  scanMutant('does not double quotes in names', ['catalog/odd-column-names'], (table, request, context) => {
    for (const filter of request.filters)
      rewriteAll(filter, (expr) => {
        if (expr.kind === 'column' && expr.path[0].includes('"'))
          throw new MillraceError({ code: 'internal', component: 'mutant', message: 'the statement is no SQL' });
        return expr;
      });
    return table.scan(request, context);
  }),
];

function rememberingTables(): Mutant {
  const tables = new Map<string, Promise<TableProvider>>();
  return connectorMutant('remembers the columns of tables for ever', ['catalog/new-columns-are-seen'], (connector) => ({
    ...connector,
    readProvider(dataset, context) {
      const remembered = tables.get(dataset.path) ?? connector.readProvider(dataset, context);
      if (dataset.path === 'grows') tables.set(dataset.path, remembered);
      return remembered;
    },
    async catalogProvider(source, context) {
      const catalog = await connector.catalogProvider!(source, context);
      return {
        ...catalog,
        async table(reference, inner) {
          const table = await catalog.table(reference, inner);
          if (reference.name !== 'grows' || table === undefined) return table;
          const remembered = tables.get('grows') ?? Promise.resolve(table);
          tables.set('grows', remembered);
          return remembered;
        },
      };
    },
  }));
}

function alternatingSchemas(): Mutant {
  let calls = 0;
  return tableMutant('orders columns anew each time', ['catalog/schema-is-stable'], (table) => {
    calls += 1;
    return calls % 2 === 0 ? table : { ...table, schema: { fields: [...table.schema.fields].reverse() } };
  });
}
