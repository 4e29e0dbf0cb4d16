import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromRows, rowArraysFromBatch } from '@millrace/arrow';
import {
  type AcceleratedTable,
  checkPlan,
  type DataType,
  dataTypes,
  type Expr,
  field,
  type LiteralValue,
  type ScanRequest,
} from '@millrace/core';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Accelerated, accelerate, CONTEXT, refresh } from './accelerate.ts';

const type = {
  id: dataTypes.int64(),
  wide: dataTypes.uint64(),
  name: dataTypes.utf8(),
  price: dataTypes.decimal(10, 2),
  total: dataTypes.decimal(30, 2),
  score: dataTypes.float64(),
  at: dataTypes.timestamp(),
  city: dataTypes.struct([field('city', dataTypes.utf8())]),
  kind: { typeId: -1, indices: dataTypes.int8(), dictionary: dataTypes.utf8(), id: 1 } as DataType,
  code: dataTypes.binary(),
};
const names = Object.keys(type) as (keyof typeof type)[];
const schema = { fields: names.map((name) => field(name, type[name])) };
const SCORES = [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -2, null];
const NAMES = ['Ada', 'ada', 'b%c', 'b_c', 'x\0y', '', 'žluť', 'z', null, 'A'];
const rows = Array.from({ length: 2_000 }, (_, id) => [
  BigInt(id),
  id % 5 === 0 ? 2n ** 63n + BigInt(id) : BigInt(id) * 2n ** 50n,
  NAMES[id % NAMES.length],
  BigInt((id % 100) - 50) * 25n,
  (BigInt(id) - 1_000n) * 10n ** 20n,
  SCORES[id % SCORES.length],
  BigInt(id) * 86_400_000_000n - 10n ** 15n,
  { city: id % 2 === 0 ? 'Oslo' : 'Brno' },
  ['red', 'green', null][id % 3],
  id % 4 === 0 ? null : Uint8Array.of(id % 256, 255 - (id % 256)),
]);

const column = (name: keyof typeof type): Expr => ({ kind: 'column', path: [name], type: type[name] });
const call = (name: Extract<Expr, { kind: 'call' }>['function'], ...args: Expr[]): Expr => ({
  kind: 'call',
  function: name,
  args,
  type: dataTypes.bool(),
});
const literal = (value: LiteralValue, of: DataType): Expr => ({ kind: 'literal', value, type: of });

/** For each comparable column some values around which to compare. */
const EDGES: readonly (readonly [keyof typeof type, readonly LiteralValue[]])[] = [
  ['id', [0n, 999n, -1n, 2n ** 63n - 1n]],
  ['wide', [0n, 2n ** 50n, 2n ** 63n, 2n ** 63n + 500n, 2n ** 64n - 1n]],
  ['name', ['Ada', 'ada', '', 'x\0y', 'z', 'žluť', 'b_c']],
  ['price', [0n, -25n, 500n]],
  ['total', [0n, -(10n ** 22n), 10n ** 22n, 5n]],
  ['score', [0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
  ['at', [0n, -(10n ** 15n), 86_400_000_000n]],
  ['code', [Uint8Array.of(1, 254), Uint8Array.of(), Uint8Array.of(200)]],
];

describe.each(['memory', 'file'] as const)('scans in mode %s', (mode) => {
  let folder: string;
  let accelerated: Accelerated;
  let table: AcceleratedTable;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-scan-'));
    accelerated = await accelerate({
      folder,
      mode,
      schema,
      command: { primaryKey: ['id'], indexes: [{ columns: ['wide'], unique: false }] },
    });
    table = accelerated.table;
    await refresh(table, [batchFromRows(schema, rows as never)]);
  });
  afterAll(async () => {
    await accelerated.accelerator.shutdown();
    rmSync(folder, { recursive: true });
  });

  async function run(request: Partial<ScanRequest>) {
    const whole: ScanRequest = { projection: [0], filters: [], ...request };
    const plan = await table.scan(whole, CONTEXT);
    checkPlan(whole, plan);
    const found: (readonly unknown[])[] = [];
    let rowCount = 0;
    for await (const batch of plan.execute(plan.partitions[0]!, { ...CONTEXT, batchRowCount: 300 })) {
      expect(batch.schema).toBe(plan.schema);
      rowCount += batch.numRows;
      if (plan.schema.fields.length > 0) found.push(...rowArraysFromBatch(batch));
    }
    return { plan, found, rowCount };
  }

  const ids = async (request: Partial<ScanRequest>) => inOrder((await run(request)).found);

  it('every comparison with every edge is exact, and finds what the engine would', async () => {
    for (const [name, values] of EDGES) {
      const ordinal = names.indexOf(name);
      for (const value of values) {
        for (const comparison of ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const) {
          const filter = call(comparison, column(name), literal(value, type[name]));
          const { plan, found } = await run({ filters: [filter] });
          expect([name, comparison, plan.applied.filters]).toEqual([name, comparison, ['exact']]);
          const wanted = rows.filter((row) => {
            const sign = compare(row[ordinal], value);
            return sign !== undefined && HOLDS[comparison](sign);
          });
          expect([name, comparison, String(value), inOrder(found)]).toEqual([
            name,
            comparison,
            String(value),
            wanted.map(([id]) => id),
          ]);
        }
      }
    }
  });

  it('orders as the engine does, nulls wherever they are wanted', async () => {
    for (const [name] of EDGES) {
      const ordinal = names.indexOf(name);
      for (const descending of [false, true]) {
        const order = [
          { expr: column(name), descending, nullsFirst: descending },
          { expr: column('id'), descending: false, nullsFirst: false },
        ];
        const { plan, found } = await run({ order, limit: 400n, offset: 3n });
        expect(plan.applied).toMatchObject({ order: 'exact', limit: 'exact', offset: true });
        const sorted = [...rows].sort((a, b) => {
          const [x, y] = [a[ordinal], b[ordinal]];
          if (x === null || y === null)
            return x === y ? Number(a[0]) - Number(b[0]) : (x === null) === descending ? -1 : 1;
          return (compare(x, y) ?? 0) * (descending ? -1 : 1) || Number(a[0]) - Number(b[0]);
        });
        expect([name, found.map(([id]) => id)]).toEqual([name, sorted.slice(3, 403).map(([id]) => id)]);
      }
    }
  });

  it('patterns, lists, null tests and truth values agree with the rows', async () => {
    const text = (value: string): Expr => literal(value, dataTypes.utf8());
    const isName = (test: (name: string) => boolean) =>
      rows.filter(([, , name]) => typeof name === 'string' && test(name)).map(([id]) => id);
    const name = column('name');
    expect(await ids({ filters: [call('starts_with', name, text('b'))] })).toEqual(
      isName((one) => one.startsWith('b')),
    );
    expect(await ids({ filters: [call('contains', name, text('_'))] })).toEqual(isName((one) => one.includes('_')));
    expect(await ids({ filters: [call('ends_with', name, text('a'))] })).toEqual(isName((one) => one.endsWith('a')));
    expect(await ids({ filters: [call('like', name, text('_da'), text(''))] })).toEqual(
      isName((one) => /^.da$/su.test(one)),
    );
    expect(await ids({ filters: [call('is_null', name)] })).toEqual(
      rows.filter(([, , one]) => one === null).map(([id]) => id),
    );
    const many = Array.from({ length: 40 }, (_, index) => literal(BigInt(index * 3), type.id));
    expect(await ids({ filters: [call('in', column('id'), ...many)] })).toEqual(
      many.map((one) => (one as { value: bigint }).value),
    );
    const some = [2n ** 63n, 2n ** 63n + 5n, 2n ** 50n, ...Array.from({ length: 20 }, (_, n) => BigInt(n) + 7n)];
    expect(await ids({ filters: [call('in', column('wide'), ...some.map((one) => literal(one, type.wide)))] })).toEqual(
      rows.filter(([, wide]) => some.includes(wide as bigint)).map(([id]) => id),
    );
    expect(await ids({ filters: [call('eq', column('kind'), text('red'))] })).toEqual(
      rows.filter(([, , , , , , , , kind]) => kind === 'red').map(([id]) => id),
    );
  });

  it('decimals of both widths are not compared with one another', async () => {
    const { plan } = await run({ filters: [call('lt', column('price'), column('total'))] });
    expect(plan.applied.filters).toEqual(['none']);
  });

  it('leaves to the engine what cannot be said of the storage, and all that would depend on it', async () => {
    const city: Expr = { kind: 'column', path: ['city', 'city'], type: dataTypes.utf8() };
    const { plan, rowCount } = await run({
      filters: [call('lt', column('id'), literal(10n, type.id)), call('eq', city, literal('Oslo', dataTypes.utf8()))],
      limit: 2n,
    });
    expect(plan.applied).toMatchObject({ filters: ['exact', 'none'], limit: 'none' });
    expect(rowCount).toBe(10);
  });

  if (mode === 'file')
    it('finds keys and indexed values by their indexes', async () => {
      const database = new Database(join(folder, 'data/orders.sqlite'), { readonly: true });
      database.function('millrace_continue', { directOnly: true }, () => 1);
      for (const name of ['id', 'wide'] as const) {
        const filters = [call('eq', column(name), literal(7n, type[name]))];
        const plan = await table.scan({ projection: [0, 2], filters }, CONTEXT);
        const steps = database.prepare(`EXPLAIN QUERY PLAN ${plan.explain().statement}`).all(7n) as {
          detail: string;
        }[];
        expect(steps.map(({ detail }) => detail).join()).toMatch(
          /SEARCH .* USING INDEX __millrace_orders__v\d+_i[01] \(/,
        );
      }
      database.close();
    });

  it('counts rows without a column, reads a column twice, and gives every type back', async () => {
    expect(await run({ projection: [] })).toMatchObject({ rowCount: rows.length, found: [] });
    const { found } = await run({ projection: [0, 0, 7, 8], limit: 2n });
    expect(found).toEqual([
      [0n, 0n, { city: 'Oslo' }, 'red'],
      [1n, 1n, { city: 'Brno' }, 'green'],
    ]);
  });

  it('claims nothing below a sample or an aggregate', async () => {
    const { plan } = await run({
      sample: { fraction: 0.5, method: 'bernoulli' },
      filters: [call('lt', column('id'), literal(10n, type.id))],
      limit: 1n,
    });
    expect(plan.applied).toMatchObject({ filters: ['none'], limit: 'none' });
  });

  it('estimates how many rows there are', async () => {
    const count = async (request: Partial<ScanRequest>) =>
      (await (await run(request)).plan.statistics?.())?.rowCount?.value;
    expect(await count({})).toBe(2_000n);
    expect(await count({ offset: 1_990n })).toBe(10n);
    expect(await count({ limit: 7n })).toBe(7n);
  });

  it('has no older versions and no metadata columns', async () => {
    await expect(run({ at: { version: '1' } })).rejects.toMatchObject({ code: 'unsupported' });
    await expect(run({ metadataColumns: ['file'] })).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('ends with cancelled when it is aborted, also where no row is found', async () => {
    const abort = new AbortController();
    const plan = await table.scan({ projection: [0], filters: [] }, CONTEXT);
    const reading = (async () => {
      for await (const _ of plan.execute(plan.partitions[0]!, { signal: abort.signal, batchRowCount: 1 }))
        abort.abort();
    })();
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('is closed with its accelerator', async () => {
    const other = await accelerate({ folder, mode, schema, name: { table: 'other' } });
    await other.accelerator.shutdown();
    expect(() => other.table.scan({ projection: [0], filters: [] }, CONTEXT)).toThrow(
      expect.objectContaining({ code: 'invalid_state' }),
    );
  });
});

const HOLDS = {
  eq: (sign: number) => sign === 0,
  ne: (sign: number) => sign !== 0,
  lt: (sign: number) => sign < 0,
  le: (sign: number) => sign <= 0,
  gt: (sign: number) => sign > 0,
  ge: (sign: number) => sign >= 0,
};

/** Ids in ascending order: an index gives rows in its own. */
function inOrder(found: readonly (readonly unknown[])[]): unknown[] {
  return found.map(([id]) => id).sort((a, b) => Number((a as bigint) - (b as bigint)));
}

/** The engine's order: bytes of text, NaN equal to itself and above all; undefined beside null. */
function compare(left: unknown, right: unknown): number | undefined {
  if (left === null || right === null || left === undefined || right === undefined) return undefined;
  if (typeof left === 'string') return Buffer.compare(Buffer.from(left), Buffer.from(right as string));
  if (left instanceof Uint8Array) return Buffer.compare(left, right as Uint8Array);
  const [a, b] = [left as number | bigint, right as number | bigint];
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}
