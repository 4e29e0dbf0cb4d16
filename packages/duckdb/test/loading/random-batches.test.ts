import { type BuildValue, batchFromColumns, sliceBatch } from '@millrace/arrow';
import { type DataType, dataTypes, field, type RecordBatch } from '@millrace/core';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { registerBatches } from '../../src/loading/batch-relation.ts';
import { toDuckDbType } from '../../src/type-mapping/to-duckdb-type.ts';
import { type Engine, openEngine } from './open-engine.ts';

/** A value and the SQL text of its literal. */
interface Known {
  readonly value: BuildValue | null;
  readonly sql: string;
}

/** A type with some values of it. */
interface Pool {
  readonly type: DataType;
  readonly values: readonly Known[];
}

const d = dataTypes;
const NULL: Known = { value: null, sql: 'NULL' };

function leaf<T extends BuildValue>(
  type: DataType,
  values: fc.Arbitrary<T>,
  toSql: (value: T) => string,
): fc.Arbitrary<Pool> {
  const known = values.map(
    (value): Known => ({ value, sql: `CAST(${toSql(value)} AS ${toDuckDbType(field('v', type))})` }),
  );
  return fc
    .array(fc.oneof({ weight: 4, arbitrary: known }, fc.constant(NULL)), { minLength: 1, maxLength: 6 })
    .map((list) => ({ type, values: list }));
}

const quoted = (text: string): string =>
  `(${text
    .split('\0')
    .map((part) => `'${part.replaceAll("'", "''")}'`)
    .join(' || chr(0) || ')})`;
const hex = (bytes: Uint8Array): string => `unhex('${Buffer.from(bytes).toString('hex')}')`;
const digits = (value: bigint, scale: number): string => {
  const text = value
    .toString()
    .replace('-', '')
    .padStart(scale + 1, '0');
  return `'${value < 0n ? '-' : ''}${text.slice(0, text.length - scale)}.${text.slice(text.length - scale)}'`;
};

const leaves = fc.oneof(
  leaf(d.bool(), fc.boolean(), String),
  leaf(d.int8(), fc.integer({ min: -128, max: 127 }), String),
  leaf(d.uint32(), fc.nat({ max: 2 ** 32 - 1 }), String),
  leaf(d.int64(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => `'${value}'`),
  leaf(d.float64(), fc.double(), (value) => (Object.is(value, -0) ? "'-0'" : `'${value}'`)),
  leaf(d.decimal(7, 2), fc.bigInt({ min: -9_999_999n, max: 9_999_999n }), (value) => digits(value, 2)),
  leaf(d.decimal(30, 5), fc.bigInt({ min: -(10n ** 30n) + 1n, max: 10n ** 30n - 1n }), (value) => digits(value, 5)),
  leaf(d.utf8(), fc.string({ unit: 'grapheme', maxLength: 30 }), quoted),
  leaf(d.largeUtf8(), fc.string({ unit: 'binary', maxLength: 14 }), quoted),
  leaf(d.binary(), fc.uint8Array({ maxLength: 20 }), hex),
  leaf(d.date(), fc.integer({ min: -100_000, max: 100_000 }), (days) => `DATE '1970-01-01' + ${days}`),
  leaf(d.timestamp(), fc.bigInt({ min: -(2n ** 55n), max: 2n ** 55n }), (micros) => `make_timestamp(${micros})`),
);

const { pool: pools } = fc.letrec<{ pool: Pool }>((tie) => ({
  pool: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaves,
    fc.tuple(tie('pool'), shapes()).map(([item, shape]) => listPool(item, shape)),
    fc.tuple(tie('pool'), tie('pool'), shapes()).map(([a, b, shape]) => structPool(a, b, shape)),
    fc.tuple(tie('pool'), shapes()).map(([item, shape]) => arrayPool(item, shape)),
  ),
}));

/** Numbers that choose from a pool; an empty row is a null. */
function shapes(): fc.Arbitrary<readonly (readonly number[])[]> {
  return fc.array(fc.array(fc.nat({ max: 5 }), { maxLength: 4 }), { minLength: 1, maxLength: 5 });
}

const choose = (pool: Pool, index: number): Known => pool.values[index % pool.values.length] as Known;

function listPool(item: Pool, shape: readonly (readonly number[])[]): Pool {
  const type = d.list(item.type);
  const values = shape.map((indices): Known => {
    const items = indices.map((index) => choose(item, index));
    return { value: items.map(({ value }) => value), sql: cast(type, `[${items.map(({ sql }) => sql).join(', ')}]`) };
  });
  return { type, values: [...values, NULL] };
}

function arrayPool(item: Pool, shape: readonly (readonly number[])[]): Pool {
  const type = d.fixedSizeList(item.type, 2);
  const values = shape.map(([first = 0, second = 1]): Known => {
    const items = [choose(item, first), choose(item, second)];
    return { value: items.map(({ value }) => value), sql: cast(type, `[${items.map(({ sql }) => sql).join(', ')}]`) };
  });
  return { type, values: [...values, NULL] };
}

function structPool(a: Pool, b: Pool, shape: readonly (readonly number[])[]): Pool {
  const type = d.struct([field('a', a.type), field('b', b.type)]);
  const values = shape.map(([first = 0, second = 1]): Known => {
    const [x, y] = [choose(a, first), choose(b, second)];
    return { value: { a: x.value, b: y.value }, sql: cast(type, `{'a': ${x.sql}, 'b': ${y.sql}}`) };
  });
  return { type, values: [...values, NULL] };
}

function cast(type: DataType, sql: string): string {
  return `CAST(${sql} AS ${toDuckDbType(field('v', type))})`;
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

it('random columns, sliced and in several batches, equal their literals', { timeout: 600_000 }, async () => {
  let seenRows = 0;
  const cases = fc.record({
    pools: fc.array(pools, { minLength: 1, maxLength: 3 }),
    rowCount: fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 40 }) }, fc.constant(4_500)),
    stride: fc.integer({ min: 1, max: 59 }),
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ pools: columns, rowCount, stride, cuts }) => {
      seenRows += rowCount;
      const picks = Array.from({ length: rowCount }, (_, row) => (row * stride) % 60);
      const fields = columns.map(({ type }, index) => field(`v${index}`, type));
      const schema = { fields: [field('pick', dataTypes.int32()), ...fields] };
      const whole = batchFromColumns(schema, [
        picks,
        ...columns.map((pool) => picks.map((pick) => choose(pool, pick).value)),
      ]);
      const ends = [...cuts.map((cut) => Math.floor(cut * picks.length)), picks.length].sort((a, b) => a - b);
      const batches: RecordBatch[] = ends.map((end, index) => sliceBatch(whole, ends[index - 1] ?? 0, end));
      const { sql, release } = registerBatches({ schema, batches });
      const relation = `(SELECT row_number() OVER () AS r, * FROM ${sql})`;
      for (const [index, pool] of columns.entries()) {
        const type = toDuckDbType(fields[index]!);
        const literals = pool.values.map((known, at) => `(${at}, CAST(${known.sql} AS ${type}))`).join(', ');
        const v = `v${index}`;
        const wrong = await engine.rows(
          `SELECT r, ${v}::VARCHAR, w::VARCHAR FROM ${relation} JOIN (VALUES ${literals}) AS literals(k, w) ON k = pick % ${pool.values.length}
           WHERE ${v} IS DISTINCT FROM w OR ${v}::VARCHAR IS DISTINCT FROM w::VARCHAR OR hash(${v}) <> hash(w)`,
        );
        expect(wrong).toEqual([]);
      }
      const order = (await engine.rows(`SELECT pick FROM ${relation} ORDER BY r`)).flat();
      expect(order).toEqual(picks);
      release();
    }),
    { numRuns: process.env.MILLRACE_TEST_FULL ? 2_000 : 60 },
  );
  expect(seenRows).toBeGreaterThan(1_000);
});
