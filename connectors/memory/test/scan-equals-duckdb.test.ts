import { type LiteralLike, rowArraysFromBatch, sliceBatch } from '@millrace/arrow';
import {
  type AggregateCall,
  checkPlan,
  type DataType,
  dataTypes,
  type Expr,
  field,
  type RecordBatch,
  type ScalarFunction,
  type ScanRequest,
  type Schema,
  type SortKey,
} from '@millrace/core';
import { type BatchRelation, type BoundValue, type DuckDbDatabase, openDatabase, toDuckDbType } from '@millrace/duckdb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryTable, type MemoryTable } from '../src/index.ts';
import { batchOf, call, column, type EdgeColumn, literal } from './engine-oracle.ts';
import { toSql } from './expression-sql.ts';
import { context } from './read-all.ts';

const CASES = process.env.MILLRACE_TEST_FULL === undefined ? 150 : 3000;
const ROWS = 400;
const bool = dataTypes.bool();

/** A repeatable source of choices (mulberry32). */
function createRandom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

const random = createRandom(20_240_131);
function pick<T>(items: readonly T[]): T {
  return items[random(items.length)]!;
}

const POOLS: readonly Omit<EdgeColumn, 'values'>[] = [
  { name: 'flag', type: bool },
  { name: 'small', type: dataTypes.int16() },
  { name: 'whole', type: dataTypes.int32() },
  { name: 'big', type: dataTypes.int64() },
  { name: 'real', type: dataTypes.float64() },
  { name: 'price', type: dataTypes.decimal(9, 2) },
  { name: 'text', type: dataTypes.utf8() },
  { name: 'bytes', type: dataTypes.binary() },
  { name: 'day', type: dataTypes.date() },
  { name: 'moment', type: dataTypes.timestamp() },
];
const VALUES: Readonly<Record<string, readonly (null | boolean | number | bigint | string | Uint8Array)[]>> = {
  flag: [true, false, null],
  small: [-32768, -1, 0, 1, 7, 32767, null],
  whole: [-2147483648, -5, 0, 3, 12, 2147483647, null],
  big: [-(2n ** 63n), -1n, 0n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, null],
  real: [-Infinity, -0.25, -0, 0, 0.25, 1.5, Infinity, NaN, null],
  price: [-999999999n, -1n, 0n, 125n, 999999999n, null],
  text: ['', 'a', 'A', 'ab', 'a%', 'ä', 'z', '\u{E000}', '\u{1F600}', null],
  bytes: [new Uint8Array(), Uint8Array.of(0), Uint8Array.of(0, 255), Uint8Array.of(128), null],
  day: [-719162, -1, 0, 19722, 19723, null],
  moment: [-1n, 0n, 1_700_000_000_123_456n, 1_700_000_000_123_457n, null],
};

const rows: RecordBatch = batchOf([
  { name: 'id', type: dataTypes.int32(), values: Array.from({ length: ROWS }, (_, index) => index) },
  ...POOLS.map(({ name, type }) => ({
    name,
    type,
    values: Array.from({ length: ROWS }, (): LiteralLike => pick(VALUES[name]!)),
  })),
]);
/** Slices at odd places, so that every buffer is met with an offset. */
const batches = [0, 3, 130, 131, 257, ROWS].flatMap((end, index, ends) =>
  index === 0 ? [] : [sliceBatch(rows, ends[index - 1]!, end)],
);
const schema: Schema = rows.schema;

function randomCondition(depth: number): Expr {
  if (depth > 0 && random(3) === 0) {
    const nested = [randomCondition(depth - 1), randomCondition(depth - 1)] as const;
    return random(4) === 0 ? call('not', bool, nested[0]) : call(pick(['and', 'or'] as const), bool, ...nested);
  }
  const { name, type } = pick(POOLS);
  const value = (): Expr => literal(pick(VALUES[name]!), type);
  const subject = column(name, type);
  switch (random(6)) {
    case 0:
      return call(pick(['is_null', 'is_not_null'] as const), bool, subject);
    case 1:
      return call('in', bool, subject, value(), value(), value());
    case 2:
      return call(
        'case',
        bool,
        call('is_null', bool, subject),
        literal(pick([true, false, null]), bool),
        call('ge', bool, subject, value()),
      );
    default: {
      const comparison = pick<ScalarFunction>(['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'distinct', 'not_distinct']);
      return random(5) === 0 ? call(comparison, bool, value(), subject) : call(comparison, bool, subject, value());
    }
  }
}

const CALLS: readonly AggregateCall[] = [
  { function: 'count', args: [], distinct: false, type: dataTypes.int64() },
  { function: 'count', args: [column('text', dataTypes.utf8())], distinct: true, type: dataTypes.int64() },
  { function: 'sum', args: [column('whole', dataTypes.int32())], distinct: false, type: dataTypes.decimal(38, 0) },
  { function: 'sum', args: [column('big', dataTypes.int64())], distinct: true, type: dataTypes.decimal(38, 0) },
  {
    function: 'sum',
    args: [column('price', dataTypes.decimal(9, 2))],
    distinct: false,
    type: dataTypes.decimal(38, 2),
  },
  { function: 'avg', args: [column('whole', dataTypes.int32())], distinct: false, type: dataTypes.float64() },
  { function: 'avg', args: [column('price', dataTypes.decimal(9, 2))], distinct: false, type: dataTypes.float64() },
  {
    function: 'count',
    args: [column('bytes', dataTypes.binary())],
    distinct: false,
    type: dataTypes.int64(),
    filter: call('gt', bool, column('whole', dataTypes.int32()), literal(0, dataTypes.int32())),
  },
  ...POOLS.filter(({ name }) => name !== 'flag' && name !== 'bytes').flatMap(({ name, type }): AggregateCall[] =>
    (['min', 'max'] as const).map((fn) => ({ function: fn, args: [column(name, type)], distinct: false, type })),
  ),
];

let database: DuckDbDatabase;
let relation: BatchRelation;
beforeAll(async () => {
  database = await openDatabase({ path: ':memory:', threads: 1 });
  relation = database.registerBatches({ schema, batches: [rows] });
});
afterAll(async () => {
  relation.release();
  await database.close();
});

async function runInEngine(request: ScanRequest): Promise<readonly (readonly unknown[])[]> {
  const parameters: BoundValue[] = [];
  const sql = (expr: Expr): string =>
    toSql(expr, parameters, ({ type }: { readonly type: DataType }) => toDuckDbType(field('value', type)));
  const { aggregate } = request;
  const aggregates = aggregate?.calls.map(
    (one) =>
      `${one.function}(${one.distinct ? 'DISTINCT ' : ''}${one.args.map(sql).join(', ') || '*'})${one.filter ? ` FILTER (WHERE ${sql(one.filter)})` : ''}`,
  );
  const selected = aggregate
    ? [...aggregate.groupBy.map(sql), ...aggregates!]
    : request.projection.map((ordinal) => `"${schema.fields[ordinal]!.name}"`);
  const where = request.filters.length === 0 ? '' : ` WHERE ${request.filters.map(sql).join(' AND ')}`;
  const group = aggregate && aggregate.groupBy.length > 0 ? ` GROUP BY ${aggregate.groupBy.map(sql).join(', ')}` : '';
  const order = request.order
    ? ` ORDER BY ${request.order.map((key) => `${sql(key.expr)} ${key.descending ? 'DESC' : 'ASC'} NULLS ${key.nullsFirst ? 'FIRST' : 'LAST'}`).join(', ')}`
    : '';
  const limit = request.limit === undefined ? '' : ` LIMIT ${request.limit}`;
  const offset = request.offset === undefined ? '' : ` OFFSET ${request.offset}`;
  return database.withConnection((connection) =>
    connection.rows(
      `SELECT ${selected.join(', ')} FROM ${relation.sql}${where}${group}${order}${limit}${offset}`,
      parameters,
    ),
  );
}

async function runInMemory(table: MemoryTable, request: ScanRequest): Promise<readonly (readonly unknown[])[]> {
  const plan = await table.scan(request, context);
  checkPlan(request, plan);
  expect(plan.applied.filters.every((degree) => degree === 'exact')).toBe(true);
  if (request.order) expect(plan.applied.order).toBe('exact');
  if (request.limit !== undefined) expect(plan.applied.limit).toBe('exact');
  const found: (readonly unknown[])[] = [];
  for (const partition of plan.partitions)
    for await (const batch of plan.execute(partition, context)) {
      expect(batch.schema.fields).toEqual(plan.schema.fields);
      found.push(...rowArraysFromBatch(batch));
    }
  return found;
}

/** Order of rows does not count where none was asked for. */
function sorted(found: readonly (readonly unknown[])[]): readonly string[] {
  return found
    .map((row) =>
      row
        .map((value) =>
          value instanceof Uint8Array ? `bytes ${value}` : `${typeof value} ${value === 0 ? 0 : String(value)}`,
        )
        .join('|'),
    )
    .sort();
}

function randomKeys(): readonly SortKey[] {
  const keys = Array.from({ length: 1 + random(2) }, (): SortKey => {
    const { name, type } = pick(POOLS);
    return { expr: column(name, type), descending: random(2) === 0, nullsFirst: random(2) === 0 };
  });
  return [...keys, { expr: column('id', dataTypes.int32()), descending: false, nullsFirst: false }];
}

describe('random scans equal DuckDB', () => {
  const tables = [1, 3].map((partitionCount) => createMemoryTable({ schema, batches, partitionCount }));
  it('filters, order, offset and limit', async () => {
    let withRows = 0;
    for (let index = 0; index < CASES; index++) {
      const ordered = random(2) === 0;
      const request: ScanRequest = {
        projection: Array.from({ length: random(4) + 1 }, () => random(schema.fields.length)),
        filters: Array.from({ length: random(3) }, () => randomCondition(2)),
        ...(ordered && {
          order: randomKeys(),
          limit: BigInt(random(30)),
          ...(random(2) === 0 && { offset: BigInt(random(20)) }),
        }),
      };
      const theirs = await runInEngine(request);
      for (const table of tables) {
        const ours = await runInMemory(table, request);
        expect(ordered ? ours.map((row) => sorted([row])) : sorted(ours)).toEqual(
          ordered ? theirs.map((row) => sorted([row])) : sorted(theirs),
        );
      }
      if (theirs.length > 0) withRows += 1;
    }
    expect(withRows / CASES).toBeGreaterThan(0.7);
  });

  it('aggregates', async () => {
    for (let index = 0; index < CASES / 2; index++) {
      const groups = Array.from({ length: random(3) }, () => pick(POOLS));
      const request: ScanRequest = {
        projection: [],
        filters: random(2) === 0 ? [randomCondition(1)] : [],
        aggregate: {
          groupBy: [...new Set(groups)].map(({ name, type }) => column(name, type)),
          calls: Array.from({ length: 1 + random(4) }, () => pick(CALLS)),
        },
      };
      const theirs = sorted(await runInEngine(request));
      for (const table of tables) expect(sorted(await runInMemory(table, request))).toEqual(theirs);
    }
  });
});
