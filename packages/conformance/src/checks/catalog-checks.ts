import type { Catalog, TableListing } from '@millrace/core';
import { type Check, defineChecks } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { NATION, REGION } from '../data/small-tables.ts';
import { idleContext, resolveGiven } from '../open-connector.ts';
import { compareMultisets } from '../read/compare-rows.ts';
import { expectError } from '../read/expect-error.ts';
import { scanTable } from '../read/scan-table.ts';

/** The optional methods, and the listing of tables. */
export const CATALOG_CHECKS: readonly Check[] = defineChecks('catalog', [
  {
    id: 'methods-match-capabilities',
    number: 135,
    title: 'what is declared exists as a method, and what is not declared does not',
    fix: 'Make the manifest’s capabilities and the methods of connector and table agree; never leave a method that only throws.',
    async run(context) {
      const { capabilities, fail } = context;
      const { connector } = await context.connector();
      const table = await context.open(await context.fixture(NATION));
      const writes = (capabilities.write?.length ?? 0) > 0;
      const writable = writes && connector.readWriteProvider ? await openWritable(context) : table;
      const pairs: readonly (readonly [string, boolean, boolean])[] = [
        ['catalog / catalogProvider', capabilities.catalog === true, connector.catalogProvider !== undefined],
        ['changes / changesStream', capabilities.changes === true, connector.changesStream !== undefined],
        ['write / readWriteProvider', writes, connector.readWriteProvider !== undefined],
        ['write / insertInto', writes, writable.insertInto !== undefined],
        ['mutate / mutate', (capabilities.mutate?.length ?? 0) > 0, writable.mutate !== undefined],
        ['remote / remote', capabilities.remote === true, connector.remote !== undefined],
        [
          'metadataColumns / metadataColumns',
          capabilities.metadataColumns === true,
          table.metadataColumns !== undefined,
        ],
      ];
      const wrong = pairs.filter(([, declared, present]) => declared !== present);
      if (wrong.length === 0) return;
      const found = wrong.map(
        ([what, declared]) => `${what}: ${declared ? 'declared but missing' : 'there but not declared'}`,
      );
      fail({ expected: 'capabilities and methods agree', found: found.join('; ') });
    },
  },
  {
    id: 'native-relation-matches-capability',
    number: 135,
    title: 'a native relation is of the declared kind, and absent where none is declared',
    fix: 'Declare `nativeRelation` in the manifest with the kind that the table offers, or leave the method out.',
    async run(context) {
      const declared = context.capabilities.nativeRelation;
      const table = await context.open(await context.fixture(NATION));
      if (declared === undefined) {
        if (table.nativeRelation !== undefined)
          context.fail({ expected: 'no nativeRelation', found: 'an undeclared one' });
        return;
      }
      const relation = await table.nativeRelation?.(idleContext());
      if (relation?.kind !== declared)
        context.fail({ expected: `a relation of kind ${declared}`, found: relation?.kind ?? 'none' });
    },
  },
  {
    id: 'listing-is-unique-and-stable',
    number: 12,
    title: 'the listing names every table once, the same twice, and tells views from tables',
    fix: 'List from the source’s catalog, with `tableType` as the source has it.',
    async run(context) {
      const [one, two] = [await context.fixture(REGION), await context.fixture(NATION)];
      const catalog = await openCatalog(context);
      const [first, second] = [await listTables(catalog), await listTables(catalog)];
      const names = first.map(nameOf);
      const repeated = names.find((name, index) => names.indexOf(name) !== index);
      if (repeated !== undefined) context.fail({ expected: 'each table once', found: `${repeated} twice` });
      if (names.join('\n') !== second.map(nameOf).join('\n'))
        context.fail({ expected: 'the same listing twice', found: 'another one, or another order' });
      for (const { location } of [one, two]) {
        const entry = first.find((listing) => nameOf(listing) === nameOf({ reference: location.reference! }));
        if (entry === undefined)
          return context.fail({ expected: `table ${location.name} in the listing`, found: 'it is missing' });
        if (entry.tableType !== 'base')
          context.fail({ expected: `${location.name} is a base table`, found: entry.tableType });
      }
      if (context.source.createRelation === undefined || !context.source.relationKinds?.includes('view'))
        return context.note('the subject makes no view to list');
      const view = await context.source.createRelation({ kind: 'view', name: 'listed_view', of: one.location });
      const entry = (await listTables(catalog)).find(
        (listing) => nameOf(listing) === nameOf({ reference: view.reference! }),
      );
      if (entry?.tableType !== 'view')
        context.fail({ expected: 'listed_view with the type view', found: entry?.tableType ?? 'not listed' });
    },
  },
  {
    id: 'catalog-tables-are-readable',
    number: 12,
    title: 'a table from the catalog gives the same rows as one from a dataset',
    fix: 'Build both from the same table provider.',
    async run(context) {
      const fixture = await context.fixture(NATION);
      const catalog = await openCatalog(context);
      const table = await catalog.table(fixture.location.reference!, idleContext());
      if (table === undefined) return context.fail({ expected: 'the table', found: 'undefined' });
      const difference = compareMultisets((await scanTable(table)).rows, fixture.rows);
      if (difference) context.fail(difference);
    },
  },
  {
    id: 'missing-table',
    number: 13,
    title: 'a table that does not exist is `not_found`, the same each time, with the nearest name as a hint',
    fix: 'Throw `not_found` from readProvider, with nearestName over the tables that are there.',
    async run(context) {
      await context.fixture(NATION);
      const missing = context.source.missingTable('natoin');
      const { table } = await context.connector();
      const run = () => table(missing);
      const first = await expectError(context, { what: 'opening a missing table', run, codes: ['not_found'] });
      const second = await expectError(context, { what: 'opening it again', run, codes: ['not_found'] });
      if (first.message !== second.message)
        context.fail({ expected: `the same message twice: ${first.message}`, found: second.message });
      if (first.hint === undefined) context.fail({ expected: 'a hint', found: `none: ${first.message}` });
    },
  },
  {
    id: 'missing-in-catalog',
    number: 13,
    title:
      'the catalog answers `undefined` for a missing table, and an empty listing or `not_found` for a missing namespace',
    fix: 'Return undefined from `table` where there is none; errors are for what may not be seen.',
    async run(context) {
      const { location } = await context.fixture(NATION);
      const catalog = await openCatalog(context);
      const reference = { ...location.reference!, name: 'no_such_table' };
      const found = await catalog.table(reference, idleContext());
      if (found !== undefined) context.fail({ expected: 'undefined', found: 'a table' });
      const names: string[] = [];
      for (let attempt = 0; attempt < 2; attempt += 1) names.push(await listNamespace(catalog, ['no_such_namespace']));
      if (names[0] !== names[1] || !['empty', 'not_found'].includes(names[0]!))
        context.fail({ expected: 'empty or not_found, twice the same', found: names.join(' and ') });
    },
  },
  {
    id: 'new-columns-are-seen',
    number: 25,
    title: 'a table opened after its columns changed has the new columns; `invalidate` itself asks the source nothing',
    fix: 'Ask the source for the columns whenever a table is opened, or forget them in `invalidate`.',
    async run(context) {
      const { source } = context;
      if (source.addColumn === undefined) return context.skip('the subject cannot add columns at the source');
      const spec = { ...REGION, name: 'grows' };
      const { location } = await context.fixture(spec);
      const catalog = context.capabilities.catalog ? await openCatalog(context) : undefined;
      const before = await catalog?.table(location.reference!, idleContext());
      await source.addColumn(location, { ...NATION.fields[3]!, name: 'added' });
      const statements = (await source.statements?.())?.length;
      catalog?.invalidate?.(location.reference);
      const received = (await source.statements?.())?.slice(statements);
      if (received !== undefined && received.length > 0)
        context.fail({
          expected: 'no statement from invalidate',
          found: `${received.length}`,
          statement: received[0]!,
        });
      const tables = [
        await (await context.connect()).table(location),
        await catalog?.table(location.reference!, idleContext()),
      ];
      for (const table of tables)
        if (table !== undefined && !table.schema.fields.some(({ name }) => name === 'added'))
          context.fail({ expected: 'the column added', found: table.schema.fields.map(({ name }) => name).join(', ') });
      if (before?.schema.fields.some(({ name }) => name === 'added'))
        context.fail({
          expected: 'the schema of a table object never changes',
          found: 'a new column in an old object',
        });
    },
  },
  {
    id: 'listing-is-paged',
    number: 26,
    title: 'listing thousands of tables takes a few statements, not one for each',
    fix: 'Read names, types and kinds of all tables with one statement, or one a page.',
    timeoutMs: 600_000,
    async run(context) {
      const { source } = context;
      if (source.statements === undefined) return context.skip('the subject does not know what the source received');
      const catalog = await openCatalog(context);
      const count = context.count(2_000, 100);
      const first = await context.fixture({ ...REGION, name: 'many_0' });
      for (let index = 1; index < count; index += 1)
        await source.createTable({
          name: `many_${index}`,
          schema: { fields: REGION.fields.filter((each) => first.has(each.name)) },
          rows: [],
        });
      const before = (await source.statements()).length;
      const listed = (await listTables(catalog)).filter(({ reference }) => reference.name.startsWith('many_'));
      const received = (await source.statements()).slice(before);
      context.note(`${listed.length} tables listed with ${received.length} statements`);
      if (listed.length !== count) context.fail({ expected: `${count} tables`, found: `${listed.length}` });
      const allowed = 10 + count / 50;
      if (received.length > allowed)
        context.fail({
          expected: `at most ${allowed} statements`,
          found: `${received.length}`,
          statement: received.at(-1)!,
        });
    },
  },
]);

/** Opens the catalog of the shared connector; skips where none is declared. */
async function openCatalog(context: CheckContext): Promise<Catalog> {
  if (context.capabilities.catalog !== true) return context.skip('the connector declares no catalog');
  const { connector } = await context.connector();
  const parameters = resolveGiven(context.subject, context.subject.parameters);
  const source = { name: 'checked', path: '', parameters, include: [], exclude: [] };
  const catalog = await connector.catalogProvider?.(source, idleContext());
  return catalog ?? context.fail({ expected: 'a catalog, as declared', found: 'no method catalogProvider' });
}

async function openWritable(context: CheckContext) {
  const { location } = await context.fixture(NATION);
  const { connector } = await context.connector();
  const parameters = resolveGiven(context.subject, { ...context.subject.parameters, ...location.parameters });
  return connector.readWriteProvider!({ name: 'checked', path: location.path, parameters }, idleContext());
}

/** All tables of all namespaces, in the order of the listing. */
async function listTables(catalog: Catalog, namespace: readonly string[] = []): Promise<TableListing[]> {
  const found: TableListing[] = [];
  for await (const listing of catalog.tables(namespace, idleContext())) found.push(listing);
  for await (const child of catalog.namespaces(namespace, idleContext()))
    found.push(...(await listTables(catalog, child.length > namespace.length ? child : [...namespace, ...child])));
  return found;
}

function nameOf({ reference }: Pick<TableListing, 'reference'>): string {
  return JSON.stringify([...reference.namespace, reference.name]);
}

async function listNamespace(catalog: Catalog, namespace: readonly string[]): Promise<string> {
  try {
    let count = 0;
    for await (const _ of catalog.tables(namespace, idleContext())) count += 1;
    return count === 0 ? 'empty' : `${count} tables`;
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
}
