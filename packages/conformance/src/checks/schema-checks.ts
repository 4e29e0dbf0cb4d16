import { describeType, schemasEqual } from '@millrace/arrow';
import { dataTypes, type Field, isMillraceError, type Schema } from '@millrace/core';
import { type Check, defineChecks } from '../check.ts';
import type { OpenTableOptions } from '../check-context.ts';
import { manyColumns } from '../data/large-tables.ts';
import { EMPTY, NATION, ORDERS } from '../data/small-tables.ts';
import { compareMultisets } from '../read/compare-rows.ts';
import { expectError } from '../read/expect-error.ts';
import { planTable, readPartition, rowsOf, scanTable } from '../read/scan-table.ts';

/** Schemas: what is presented, for which columns, and what happens when they change. */
export const SCHEMA_CHECKS: readonly Check[] = defineChecks('catalog', [
  {
    id: 'schema-is-as-documented',
    number: 14,
    title: 'the schema has the documented names, types and nullability, for an empty table as for a full one',
    fix: 'Map types by what the source declares, never by the rows; report NOT NULL as `nullable: false`.',
    async run(context) {
      for (const spec of [NATION, ORDERS, EMPTY]) {
        const fixture = await context.fixture(spec);
        const { schema } = await context.open(fixture);
        if (!schemasEqual(schema, fixture.schema))
          context.fail({ expected: `${spec.name}: ${describeSchema(fixture.schema)}`, found: describeSchema(schema) });
      }
    },
  },
  {
    id: 'schema-is-stable',
    number: 14,
    title: 'the schema of a table is the same across calls and connectors',
    fix: 'Order columns as the source declares them.',
    async run(context) {
      const fixture = await context.fixture(ORDERS);
      const first = await context.open(fixture);
      const second = await (await context.connect()).table(fixture.location);
      const third = await context.open(fixture);
      for (const { schema } of [second, third])
        if (!schemasEqual(schema, first.schema))
          context.fail({ expected: describeSchema(first.schema), found: describeSchema(schema) });
    },
  },
  {
    id: 'names-are-unique',
    number: 15,
    title: 'a schema has at least one column, and no name twice',
    fix: 'Refuse, or number, columns that repeat a name.',
    async run(context) {
      for (const spec of [NATION, ORDERS, EMPTY]) {
        const names = (await context.open(await context.fixture(spec))).schema.fields.map(({ name }) => name);
        if (names.length === 0 || new Set(names).size !== names.length)
          context.fail({ expected: 'unique names', found: names.join(', ') || 'no column' });
      }
    },
  },
  {
    id: 'unsupported-columns-follow-the-policy',
    number: 16,
    title: 'a column of an unsupported type is an error, left out, or text, as `unsupported_type_action` says',
    fix: 'Apply the dataset’s `unsupportedTypeAction` where columns are mapped: error is the default, warn logs, string reads the source’s text.',
    async run(context) {
      const { source, subject } = context;
      if (source.unsupportedType === undefined || source.createNativeTable === undefined)
        return context.skip('every type of the source is supported, or the subject names no other');
      if (subject.plugin.supportsUnsupportedTypeAction !== true)
        return context.fail({ expected: 'supportsUnsupportedTypeAction on the factory', found: 'it is not set' });
      const { declaration, literal } = source.unsupportedType;
      const location = await source.createNativeTable({
        name: 'unsupported',
        columns: [
          { name: 'id', declaration: 'integer' },
          { name: 'odd', declaration },
          { name: 'last', declaration: 'integer' },
        ],
        rows: [
          ['1', literal, '10'],
          ['2', 'NULL', '20'],
        ],
      });
      const { table } = await context.connector();
      const columns = async (action: NonNullable<OpenTableOptions['unsupportedTypeAction']>) => {
        const provider = await table(location, { unsupportedTypeAction: action });
        const { rows } = await scanTable(provider);
        return { names: provider.schema.fields.map(({ name }) => name).join(', '), rows, schema: provider.schema };
      };
      await expectError(context, { what: 'error', run: () => columns('error'), codes: ['unsupported_type'] });
      const logged = context.log.length;
      for (const action of ['warn', 'ignore'] as const) {
        const { names, rows } = await columns(action);
        if (names !== 'id, last') context.fail({ expected: `${action}: the columns id, last`, found: names });
        const sums = rows.map((row) => Number(row[0]) + Number(row[1])).sort();
        if (String(sums) !== '11,22')
          context.fail({ expected: `${action}: the other columns read on`, found: String(sums) });
      }
      if (!context.log.slice(logged).some((line) => line.includes('odd')))
        context.fail({ expected: 'warn: a warning that names the column', found: 'none' });
      const { names, schema } = await columns('string');
      if (names !== 'id, odd, last' || !describeType(schema.fields[1]!.type).toLowerCase().includes('utf8'))
        context.fail({ expected: 'string: the column odd as text', found: describeSchema(schema) });
    },
  },
  {
    id: 'only-unsupported-columns',
    number: 15,
    title: 'a table whose columns are all of an unsupported type can still be counted, or is a typed error',
    fix: 'Throw `unsupported_type` where nothing is left of a table, or read it with the action `string`.',
    async run(context) {
      const { source } = context;
      if (source.unsupportedType === undefined || source.createNativeTable === undefined)
        return context.skip('every type of the source is supported, or the subject names no other');
      const { declaration, literal } = source.unsupportedType;
      const columns = [{ name: 'odd', declaration }];
      const location = await source.createNativeTable({
        name: 'all_unsupported',
        columns,
        rows: [[literal], [literal]],
      });
      const { table } = await context.connector();
      const { rows } = await scanTable(await table(location, { unsupportedTypeAction: 'string' }), { projection: [] });
      if (rows.length !== 2) context.fail({ expected: '2 rows', found: `${rows.length}` });
      try {
        await table(location, { unsupportedTypeAction: 'ignore' });
      } catch (error) {
        if (!isMillraceError(error)) context.fail({ expected: 'a typed error', found: String(error) });
      }
    },
  },
  {
    id: 'keys-are-reported',
    number: 17,
    title: 'primary keys are reported as the source has them, over columns that exist',
    fix: 'Read the source’s constraints into `constraints`, with `enforced` as the source enforces them.',
    async run(context) {
      if (context.source.reportsPrimaryKeys !== true)
        return context.skip('the source has no keys, or the plugin does not report them');
      const table = await context.open(await context.fixture(NATION));
      const keys = (table.constraints ?? []).filter(({ kind }) => kind === 'primary_key');
      const found = JSON.stringify(keys.map((key) => (key.kind === 'primary_key' ? key.columns : [])));
      if (found !== '[["id"]]') context.fail({ expected: 'one primary key over id', found });
    },
  },
  {
    id: 'many-columns',
    number: 22,
    title: 'a table of 300 columns, or of as many as the source takes, reads right',
    fix: 'Do not limit columns; split statements rather than results.',
    async run(context) {
      const fixture = await context.fixture(manyColumns(context.source.maxColumns ?? 300));
      const table = await context.open(fixture);
      const last = fixture.schema.fields.length - 1;
      const { rows } = await scanTable(table, { projection: [last, 150, 0] });
      const difference = compareMultisets(
        rows,
        fixture.rows.map((row) => [row[last]!, row[150]!, row[0]!]),
      );
      if (difference) context.fail(difference);
      const all = compareMultisets((await scanTable(table)).rows, fixture.rows);
      if (all) context.fail(all);
    },
  },
  {
    id: 'other-relations-are-readable',
    number: 23,
    title: 'views and whatever else can be read like a table are readable',
    fix: 'Look tables up among all relations of the source, not among base tables alone.',
    async run(context) {
      const { source } = context;
      const kinds = source.relationKinds ?? [];
      if (source.createRelation === undefined || kinds.length === 0)
        return context.skip('the subject makes no other relations');
      const nation = await context.fixture(NATION);
      for (const kind of kinds) {
        const location = await source.createRelation({ kind, name: `as_${kind}`, of: nation.location });
        const difference = compareMultisets((await scanTable(await context.open(location))).rows, nation.rows);
        if (difference) context.fail({ ...difference, expected: `${kind}: ${difference.expected}` });
      }
    },
  },
  {
    id: 'columns-change-between-plan-and-read',
    number: 24,
    title: 'columns that change between plan and read give an error or the right values, never those of other columns',
    fix: 'Read columns by name, and check the result’s columns against the plan before the first batch.',
    async run(context) {
      const { source } = context;
      if (source.dropColumn === undefined || source.addColumn === undefined)
        return context.skip('the subject cannot change columns at the source');
      const extra: Field = { name: 'c', type: dataTypes.int32(), nullable: true };
      const spec = {
        ...NATION,
        name: 'changes',
        fields: [NATION.fields[0]!, { ...extra, name: 'a' }, { ...extra, name: 'b' }],
        rows: [
          [1, 10, 100],
          [2, 20, 200],
        ],
      };
      const fixture = await context.fixture(spec);
      const plan = await planTable(await context.open(fixture));
      await source.dropColumn(fixture.location, 'a');
      await source.addColumn(fixture.location, extra);
      const ordinal = plan.schema.fields.findIndex(({ name }) => name === 'b');
      try {
        const batches = await Promise.all(plan.partitions.map((partition) => readPartition(plan, partition)));
        const values = rowsOf(batches.flat())
          .map((row) => String(row[ordinal]))
          .sort()
          .join(', ');
        if (values !== '100, 200') context.fail({ expected: 'b: 100, 200, or an error', found: `b: ${values}` });
      } catch (error) {
        if (!isMillraceError(error)) throw error;
        if (!['invalid_data', 'conflict', 'schema_mismatch', 'not_found'].includes(error.code))
          context.fail({
            expected: 'schema_mismatch, conflict, not_found or invalid_data',
            found: `${error.code}: ${error.message}`,
          });
      }
    },
  },
]);

/** A schema on one line. */
export function describeSchema({ fields }: Schema): string {
  return fields
    .map(({ name, type, nullable }) => `${name} ${describeType(type)}${nullable ? '' : ' not null'}`)
    .join(', ');
}
