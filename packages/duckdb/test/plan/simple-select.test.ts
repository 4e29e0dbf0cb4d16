import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createPlanner,
  createStatementInspector,
  type PlannedScan,
  type Planner,
  planSimpleSelect,
  type StatementInspector,
} from '../../src/index.ts';
import { expressionKey } from '../../src/plan/expression-key.ts';
import { TYPED_COLUMNS, TYPED_TABLE } from './typed-columns.ts';

const CONDITIONS = ['? = $', '? <> $', '? < $', '? <= $', '? > $', '? >= $', '$ < ?', '? IN ($, $)', '? IS NOT NULL'];

let planner: Planner;
let inspector: StatementInspector;
beforeAll(async () => {
  planner = await createPlanner({ settings: { TimeZone: 'UTC' } });
  inspector = await createStatementInspector();
  await planner.defineTable({ table: TYPED_TABLE.table }, TYPED_TABLE.schema);
});
afterAll(async () => {
  await planner.close();
  await inspector.close();
});

/** The scan that the statement's text alone gives, and the planner's. */
async function bothScans(sql: string): Promise<readonly [PlannedScan | undefined, PlannedScan | undefined]> {
  const { simple } = await inspector.inspect(sql);
  const { table, schema } = TYPED_TABLE;
  const select = simple && planSimpleSelect({ select: simple, name: { table }, schema, parameters: undefined });
  const planned = select && (await planner.plan(sql));
  return [select?.scan, planned?.kind === 'planned' ? planned.scans[0] : undefined];
}

/** Filters in an order of their own, as that of conjuncts is left open. */
function keys({ filters }: PlannedScan): readonly string[] {
  return filters.map(expressionKey).sort();
}

describe('a simple SELECT is planned by its text as the planner plans it', () => {
  test.each(TYPED_COLUMNS)('$field.name', async ({ field, constants }) => {
    let count = 0;
    for (const constant of constants) {
      for (const condition of CONDITIONS) {
        const where = condition.replaceAll('?', field.name).replaceAll('$', constant);
        const sql = `SELECT ${field.name} FROM ${TYPED_TABLE.table} AS t WHERE ${where} LIMIT 7`;
        const [simple, planned] = await bothScans(sql);
        if (simple === undefined) continue;
        count += 1;
        expect(planned, sql).toBeDefined();
        expect(keys(simple), sql).toEqual(keys(planned!));
        expect({ ...simple, filters: [] }, sql).toEqual({ ...planned, filters: [] });
      }
    }
    // At least whether there is a value can be asked of every type.
    expect(count).toBeGreaterThanOrEqual(constants.length);
  });
});
