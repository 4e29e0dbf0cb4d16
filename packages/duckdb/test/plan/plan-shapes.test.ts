import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlannedQuery, PlannedScan } from '../../src/plan/index.ts';
import { DECISION_SUPPORT_SHAPES } from './decision-support-shapes.ts';
import { expressionText } from './expression-sql.ts';
import { FILTER_SHAPES } from './filter-shapes.ts';
import { LIMIT_SHAPES } from './limit-shapes.ts';
import { PlanBench } from './plan-bench.ts';
import type { Shape } from './shape.ts';
import { STRUCTURE_SHAPES } from './structure-shapes.ts';

let bench: PlanBench;

beforeAll(async () => {
  bench = await PlanBench.open();
});

afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

describe.each([
  { group: 'filters', shapes: FILTER_SHAPES },
  { group: 'limits', shapes: LIMIT_SHAPES },
  { group: 'structures', shapes: STRUCTURE_SHAPES },
  { group: 'decision support', shapes: DECISION_SUPPORT_SHAPES },
])('$group', ({ shapes }) => {
  test.each(shapes)('$sql', async (shape) => {
    const { planned, whole, filtered } = await bench.compare(shape.sql);
    expect(planned.kind).toBe('planned');
    expect(filtered).toEqual(whole);
    expectScans(planned, shape);
  });
});

function expectScans(planned: PlannedQuery, { filters = {}, columns = {}, limit = {} }: Shape): void {
  for (const [table, text] of Object.entries(filters)) {
    const expected = text === '' ? [] : text.split(' & ').sort();
    expect(scanOf(planned, table).filters.map(expressionText).sort(), `filters of ${table}`).toEqual(expected);
  }
  for (const [table, text] of Object.entries(columns)) expect(scanOf(planned, table).columns.join()).toBe(text);
  for (const [table, text] of Object.entries(limit)) expect(limitText(scanOf(planned, table))).toBe(text);
}

function scanOf(planned: PlannedQuery, table: string): PlannedScan {
  const scans = planned.kind === 'planned' ? planned.scans : [];
  const found = scans.find(({ table: name }) => [name.schemaName, name.table].filter(Boolean).join('.') === table);
  if (found === undefined) throw new Error(`no scan of ${table}`);
  return found;
}

function limitText({ limit, order = [] }: PlannedScan): string {
  if (limit === undefined) return 'none';
  const keys = order.map(
    (key) =>
      `${expressionText(key.expr)} ${key.descending ? 'desc' : 'asc'} nulls ${key.nullsFirst ? 'first' : 'last'}`,
  );
  return keys.length === 0 ? `${limit}` : `${limit} by ${keys.join(', ')}`;
}
