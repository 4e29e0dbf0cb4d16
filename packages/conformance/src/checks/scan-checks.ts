import { fieldsEqual } from '@millrace/arrow';
import { type Check, defineChecks } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { BIG } from '../data/large-tables.ts';
import { DUPLICATES, EMPTY, NATION, ORDERS } from '../data/small-tables.ts';
import { columnOf, condition, literalOf } from '../expressions.ts';
import type { Fixture } from '../fixture.ts';
import { isWanted } from '../model/evaluate.ts';
import { idleContext } from '../open-connector.ts';
import { compareMultisets } from '../read/compare-rows.ts';
import { planTable, scanTable } from '../read/scan-table.ts';
import { markStatements, readsSince } from '../read/statements.ts';
import { pause } from '../read/wait.ts';
import { describeSchema } from './schema-checks.ts';

/** What every scan does, whatever it pushes down. */
export const SCAN_CHECKS: readonly Check[] = defineChecks('scan', [
  {
    id: 'scans-are-lazy',
    number: 27,
    title: 'planning a scan and calling execute send no statement for rows before the first `next()`',
    fix: 'Start the statement inside the async generator, not in scan() or execute().',
    async run(context) {
      const fixture = await context.fixture(NATION);
      const table = await context.open(fixture);
      const mark = await markStatements(context);
      const plan = await planTable(table);
      const streams = plan.partitions.map((partition) => plan.execute(partition, idleContext()));
      await pause(200);
      const early = await readsSince(context, mark, fixture.location);
      if (early === undefined) return context.skip('the subject does not know what the source received');
      if (early.length > 0)
        context.fail({ expected: 'no statement yet', found: `${early.length}`, statement: early[0]! });
      for (const stream of streams) for await (const _ of stream);
      const late = await readsSince(context, mark, fixture.location);
      if (late?.length === 0)
        context.fail({ expected: 'a statement once rows are pulled', found: 'none: the subject’s log misses it' });
    },
  },
  {
    id: 'all-rows',
    number: 28,
    title: 'a whole scan gives every row exactly as often as it is there',
    fix: 'Read until the source says that there is no more; partitions must neither overlap nor leave gaps.',
    async run(context) {
      for (const spec of [NATION, ORDERS, DUPLICATES, BIG]) await expectRows(context, await context.fixture(spec));
    },
  },
  {
    id: 'projection-order',
    number: 29,
    title: 'columns come in the order asked for: reversed, one alone, one in the middle',
    fix: 'Build the select list from `projection`, and map columns by position.',
    async run(context) {
      const fixture = await context.fixture(ORDERS);
      const last = fixture.schema.fields.length - 1;
      const reversed = Array.from({ length: last + 1 }, (_, index) => last - index);
      for (const projection of [reversed, [last], [0], [2, 0], [last, 1, 0]])
        await expectRows(context, fixture, projection);
    },
  },
  {
    id: 'empty-projection',
    number: 30,
    title: 'an empty projection gives batches without columns that carry the row count',
    fix: 'Select a constant and drop it; keep `numRows`.',
    async run(context) {
      for (const spec of [NATION, EMPTY, DUPLICATES]) {
        const fixture = await context.fixture(spec);
        const table = await context.open(fixture);
        const { batches, plan } = await scanTable(table, { projection: [] });
        const count = batches.flat().reduce((sum, batch) => sum + batch.numRows, 0);
        const columns = Math.max(
          plan.schema.fields.length,
          ...batches.flat().map((batch) => batch.data.children.length),
        );
        if (count === fixture.rows.length && columns === 0) continue;
        const expected = `${fixture.rows.length} rows without columns of ${spec.name}`;
        context.fail({ expected, found: `${count} rows with ${columns} columns`, ...statementOf(plan) });
      }
    },
  },
  {
    id: 'filter-outside-projection',
    number: 31,
    title: 'a filter may use a column that is not read',
    fix: 'Filter at the source, or read the column and drop it again; else answer `none`.',
    async run(context) {
      const fixture = await context.fixture(NATION);
      const region = fixture.field('region_id');
      const filters = [condition('eq', columnOf(region), literalOf(region.type, 3))];
      const projection = [fixture.ordinal('name')];
      const { rows, plan } = await scanTable(await context.open(fixture), { projection, filters });
      const degree = plan.applied.filters[0]!;
      if (plan.schema.fields.length !== 1) context.fail({ expected: 'one column', found: describeSchema(plan.schema) });
      const isKept = (row: number) => degree === 'none' || isWanted(filters, fixture.literals[row]!);
      const expected = fixture.rows.filter((_, row) => isKept(row)).map((row) => [row[projection[0]!]!]);
      const difference = degree === 'inexact' ? undefined : compareMultisets(rows, expected);
      if (difference) context.fail({ ...difference, ...statementOf(plan) });
    },
  },
  {
    id: 'batches-have-the-schema',
    number: 32,
    title: 'every batch has the schema of its plan, and the plan that of the table',
    fix: 'Make one schema for the plan and give it to every batch.',
    async run(context) {
      for (const spec of [NATION, ORDERS, EMPTY, BIG]) {
        const fixture = await context.fixture(spec);
        const table = await context.open(fixture);
        const projection = fixture.schema.fields.map((_, ordinal) => ordinal).reverse();
        const { plan, batches } = await scanTable(table, { projection });
        const wanted = projection.map((ordinal) => fixture.schema.fields[ordinal]!);
        for (const schema of [plan.schema, ...batches.flat().map((batch) => batch.schema)]) {
          const isEqual =
            schema.fields.length === wanted.length &&
            schema.fields.every((each, index) => fieldsEqual(each, wanted[index]!));
          if (!isEqual) context.fail({ expected: describeSchema({ fields: wanted }), found: describeSchema(schema) });
        }
        for (const { numRows, data } of batches.flat())
          if (data.children.length !== wanted.length || data.children.some(({ length }) => length !== numRows))
            context.fail({
              expected: `${wanted.length} columns of ${numRows} rows`,
              found: 'columns of other lengths',
            });
      }
    },
  },
  {
    id: 'empty-table',
    number: 33,
    title: 'an empty table gives no rows and the right schema',
    fix: 'Yield nothing, or empty batches with the plan’s schema.',
    async run(context) {
      const fixture = await context.fixture(EMPTY);
      await expectRows(context, fixture);
      const plan = await planTable(await context.open(fixture));
      const isEqual = plan.schema.fields.every((each, index) => fieldsEqual(each, fixture.schema.fields[index]!));
      if (!isEqual) context.fail({ expected: describeSchema(fixture.schema), found: describeSchema(plan.schema) });
    },
  },
]);

/** Scans a table and compares it with its rows; some columns of it where a projection is given. */
export async function expectRows(
  context: CheckContext,
  fixture: Fixture,
  projection?: readonly number[],
): Promise<void> {
  const { rows, plan } = await scanTable(await context.open(fixture), projection && { projection });
  const expected = projection ? fixture.rows.map((row) => projection.map((ordinal) => row[ordinal]!)) : fixture.rows;
  const difference = compareMultisets(rows, expected);
  if (difference)
    context.fail({
      ...difference,
      expected: `${difference.expected} of ${fixture.location.name}`,
      ...statementOf(plan),
    });
}

/** The statement of a plan, for a failure. */
export function statementOf(plan: { explain(): { readonly statement?: string; readonly source: string } }): {
  readonly statement: string;
} {
  const { statement, source } = plan.explain();
  return { statement: statement ?? `(${source})` };
}
