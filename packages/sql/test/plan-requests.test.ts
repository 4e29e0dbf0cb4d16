import { checkPlan, dataTypes, type Expr, type ScanRequest, type SortKey } from '@millrace/core';
import {
  type DuckDbConnection,
  type DuckDbDatabase,
  openDatabase,
  toExpressionSql,
  toSortKeySql,
} from '@millrace/duckdb';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planSelect, type SqlTable, type SqlText } from '../src/index.ts';
import { randomExpression } from './random-expression.ts';
import { SAMPLE_COLUMNS } from './sample-table.ts';
import { bindSqlite, createSqliteTarget } from './sample-targets.ts';
import { createOracle } from './soundness.ts';

const IS_FULL = process.env.MILLRACE_TEST_FULL !== undefined;
const RUN_COUNT = IS_FULL ? 10_000 : 1_000;
const TIMEOUT_MS = 600_000;

let database: DuckDbDatabase;
let connection: DuckDbConnection;
const { table: sample, database: sqlite } = createSqliteTarget();
beforeAll(async () => {
  database = await openDatabase({ path: ':memory:', threads: 1 });
  connection = await database.connect();
  await createOracle(connection);
});
afterAll(async () => {
  sqlite.close();
  await database.close();
});

const ID: SqlTable['columns'][number] = {
  name: 'id',
  field: { name: 'id', type: dataTypes.int32(), nullable: false },
  sourceType: 'INTEGER',
};
const TABLE: SqlTable = { ...sample, columns: [ID, ...sample.columns] };

const sortKey = fc
  .record({ column: fc.constantFrom(...SAMPLE_COLUMNS), descending: fc.boolean(), nullsFirst: fc.boolean() })
  .map(({ column: { name, type }, ...place }): SortKey => ({ expr: { kind: 'column', path: [name], type }, ...place }));
const byId: SortKey = {
  expr: { kind: 'column', path: ['id'], type: ID.field.type },
  descending: false,
  nullsFirst: false,
};

/** With an order there is one answer: the id decides what the other keys leave open. */
const randomRequest: fc.Arbitrary<ScanRequest> = fc
  .record({
    projection: fc.constantFrom([0], [0, 3, 1], [0, 0]),
    filters: fc.array(randomExpression, { maxLength: 3 }),
    order: fc.option(fc.array(sortKey, { maxLength: 2 }), { nil: undefined }),
    limit: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
    offset: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
    isSampled: fc.integer({ min: 0, max: 9 }).map((draw) => draw === 0),
    isAggregated: fc.integer({ min: 0, max: 9 }).map((draw) => draw === 0),
  })
  .map(({ projection, filters, order, limit, offset, isSampled, isAggregated }) => ({
    projection,
    filters,
    ...(order !== undefined && { order: [...order, byId] }),
    ...(limit !== undefined && { limit: BigInt(limit) }),
    ...(offset !== undefined && { offset: BigInt(offset) }),
    ...(isSampled && { sample: { fraction: 0.5, method: 'bernoulli' as const } }),
    ...(isAggregated && { aggregate: { groupBy: [], calls: [] } }),
  }));

function runIds({ sql, parameters }: SqlText): readonly number[] {
  const rows = sqlite
    .prepare(sql)
    .raw()
    .all(...parameters.map(({ value, type }) => bindSqlite(value, type.typeId))) as [number][];
  return rows.map(([id]) => id);
}

/** The engine's ids for the stages that a plan claims. */
async function engineIds(
  filters: readonly Expr[],
  order: readonly SortKey[] | undefined,
  cut: string,
): Promise<readonly number[]> {
  const where = filters.map((filter) => `(${toExpressionSql(filter, () => undefined)})`);
  const keys = order?.map((key) => toSortKeySql(key, () => undefined));
  const rows = await connection.rows(
    `SELECT id FROM oracle${where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`}${keys ? ` ORDER BY ${keys.join(', ')}` : ''}${cut}`,
  );
  return rows.map(([id]) => id as number);
}

const sorted = (ids: readonly number[]): readonly number[] => ids.toSorted((left, right) => left - right);

test(
  'every plan keeps the ladder, and its statement does exactly what it claims',
  async () => {
    const seed = Number(process.env.MILLRACE_TEST_SEED ?? (IS_FULL ? Date.now() % 2 ** 31 : 33));
    console.info(`seed ${seed}`);
    const counts = { order: 0, cut: 0, exact: 0 };
    await fc.assert(
      fc.asyncProperty(randomRequest, async (request) => {
        const planned = planSelect(TABLE, request);
        const { applied, needsOnePartition, schema, ordering } = planned;
        const partitions = (needsOnePartition ? [0] : [0, 1]).map((id) => ({ id, detail: null }));
        checkPlan(request, {
          schema,
          applied,
          partitions,
          ...(ordering !== undefined && { ordering }),
          execute: () => expect.fail('not read'),
          explain: () => ({ source: 'sample' }),
        });
        const whole = runIds(planned.statement());
        const pushed = request.filters.filter((_, index) => applied.filters[index] === 'exact');
        const order = applied.order === 'exact' ? request.order : undefined;
        const isCut = applied.limit === 'exact' || applied.offset === true;
        if (order !== undefined) counts.order += 1;
        if (isCut) {
          counts.cut += 1;
          const cut = `${request.limit === undefined ? '' : ` LIMIT ${request.limit}`} OFFSET ${request.offset ?? 0n}`;
          const expected = await engineIds(request.filters, order, order === undefined ? '' : cut);
          if (order !== undefined) {
            expect(whole).toEqual(expected);
            return;
          }
          const rest = Math.max(0, expected.length - Number(request.offset ?? 0n));
          expect(whole.length).toBe(Math.min(rest, Number(request.limit ?? rest)));
          expect(whole.every((id) => expected.includes(id))).toBe(true);
          return;
        }
        // What all exact filters keep, at most; what all filters keep, at least.
        const atMost = await engineIds(pushed, order, '');
        const atLeast = await engineIds(request.filters, undefined, '');
        if (pushed.length === request.filters.length) counts.exact += 1;
        expect(atLeast.filter((id) => !whole.includes(id))).toEqual([]);
        expect(whole.filter((id) => !atMost.includes(id))).toEqual([]);
        if (order !== undefined) expect(whole).toEqual(atMost.filter((id) => whole.includes(id)));
        const parts = [0, 1].map((rest) =>
          runIds(planned.statement({ sql: '"id" % 2 = ?', parameters: [{ value: rest, type: dataTypes.int32() }] })),
        );
        expect(sorted(parts.flat())).toEqual(sorted(whole));
      }),
      { numRuns: RUN_COUNT, seed },
    );
    console.info(JSON.stringify(counts));
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(RUN_COUNT / 50);
  },
  TIMEOUT_MS,
);

test('an empty projection selects a marker for each row', () => {
  const planned = planSelect(TABLE, { projection: [], filters: [] });
  expect(planned.columns).toEqual([]);
  expect(planned.schema.fields).toEqual([]);
  expect(planned.statement().sql).toBe('SELECT 1 FROM "sample table"');
});

test('what the table has not is refused', () => {
  const refused = (request: Partial<ScanRequest>): unknown => {
    try {
      planSelect(TABLE, { projection: [0], filters: [], ...request });
      return undefined;
    } catch (error) {
      return (error as { readonly code: unknown }).code;
    }
  };
  expect(refused({ projection: [99] })).toBe('invalid_argument');
  expect(refused({ metadataColumns: ['file'] })).toBe('invalid_argument');
  expect(refused({ at: { version: '1' } })).toBe('unsupported');
});

test('notes tell how far each filter went, and no value', () => {
  const i: Expr = { kind: 'column', path: ['i'], type: dataTypes.int32() };
  const literal: Expr = { kind: 'literal', value: 4711, type: dataTypes.int32() };
  const name: Expr = { kind: 'column', path: ['u'], type: dataTypes.utf8() };
  const call = (called: 'gt' | 'upper' | 'and', args: readonly Expr[]): Expr => ({
    kind: 'call',
    function: called,
    args,
    type: dataTypes.bool(),
  });
  const { notes } = planSelect(TABLE, {
    projection: [0],
    filters: [
      call('gt', [i, literal]),
      call('gt', [call('upper', [name]), literal]),
      call('and', [call('gt', [i, literal]), call('gt', [name, literal])]),
    ],
  });
  expect(notes).toEqual(['filter 1 exact: "i" > ?', 'filter 2 none: gt(upper(u), ?)', 'filter 3 inexact: "i" > ?']);
});
