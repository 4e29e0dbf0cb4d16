import type { Field, RecordBatch } from '@millrace/core';
import * as arrow21 from 'apache-arrow';
import * as arrow17 from 'apache-arrow-17';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerBatches } from '../../src/loading/batch-relation.ts';
import { type Engine, openEngine } from './open-engine.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

const ROWS = 5_000;

/** A table that apache-arrow itself builds, over several chunks of odd lengths. */
function buildTable(arrow: typeof arrow21): arrow21.Table {
  const rows = Array.from({ length: ROWS }, (_, row) => row);
  const every = <T>(make: (row: number) => T): (T | null)[] => rows.map((row) => (row % 7 === 3 ? null : make(row)));
  const struct = new arrow.Struct([
    new arrow.Field('x', new arrow.Int32(), true),
    new arrow.Field('y', new arrow.Utf8(), true),
  ]);
  return new arrow.Table({
    i: arrow.vectorFromArray(rows, new arrow.Int32()),
    n: arrow.vectorFromArray(
      every((row) => BigInt(row) * 3_000_000_000n),
      new arrow.Int64(),
    ),
    b: arrow.vectorFromArray(
      every((row) => row % 2 === 0),
      new arrow.Bool(),
    ),
    f: arrow.vectorFromArray(
      every((row) => row / 8),
      new arrow.Float64(),
    ),
    t: arrow.vectorFromArray(
      every((row) => 'ž'.repeat(row % 20)),
      new arrow.Utf8(),
    ),
    d: arrow.vectorFromArray(
      every((row) => `mood ${row % 3}`),
      new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8()),
    ),
    l: arrow.vectorFromArray(
      every((row) => Array.from({ length: row % 4 }, (_, index) => row + index)),
      new arrow.List(new arrow.Field('l', new arrow.Int32(), true)),
    ),
    s: arrow.vectorFromArray(
      every((row) => ({ x: row, y: `struct ${row}` })),
      struct,
    ),
    ts: arrow.vectorFromArray(
      every((row) => new Date(row * 1_000)),
      new arrow.TimestampMillisecond(),
    ),
  }) as unknown as arrow21.Table;
}

const EXPECTED = `
  SELECT i, CASE WHEN i % 7 <> 3 THEN struct_pack(
    n := i::BIGINT * 3000000000, b := i % 2 = 0, f := (i / 8)::DOUBLE, t := repeat('ž', (i % 20)::INTEGER), d := 'mood ' || i % 3,
    l := list_transform(range(i % 4), k -> (i + k)::INTEGER), s := {'x': i, 'y': 'struct ' || i},
    ts := make_timestamp(i::BIGINT * 1000000)::TIMESTAMP_MS) END AS e
  FROM (SELECT unnest(range(${ROWS}))::INTEGER AS i)`;

/** How many rows differ from what SQL computes for them, and how many there are. */
async function compare(batches: readonly RecordBatch[]): Promise<unknown> {
  const relation = registerBatches({ schema: batches[0]!.schema as { fields: readonly Field[] }, batches });
  const [row] = await engine.rows(`
    SELECT count(*)::INTEGER, (count(*) FILTER (
      (n, b, f, t, d, l, s, ts) IS DISTINCT FROM (e.n, e.b, e.f, e.t, e.d, e.l, e.s, e.ts)
      OR s.x IS DISTINCT FROM e.s.x))::INTEGER
    FROM ${relation.sql} JOIN (${EXPECTED}) USING (i)`);
  relation.release();
  return row;
}

describe.each([
  ['17', arrow17 as unknown as typeof arrow21],
  ['21', arrow21],
])('batches of apache-arrow %s', (_, arrow) => {
  const table = buildTable(arrow);

  it('are scanned as they are', async () => {
    expect(await compare(table.batches as unknown as RecordBatch[])).toEqual([ROWS, 0]);
  });

  it('are scanned as slices, whose bits do not start at a byte', async () => {
    const cuts = [0, 1, 9, 70, 2_121, 2_122, 4_999, ROWS];
    const slices = cuts.slice(1).flatMap((end, index) => table.slice(cuts[index], end).batches);
    expect(await compare(slices as unknown as RecordBatch[])).toEqual([ROWS, 0]);
  });

  it('are scanned after they went through IPC', async () => {
    const bytes = arrow.tableToIPC(table as never, 'stream');
    // Moved by one byte, so that no buffer is aligned as its type would like.
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(await compare(arrow.tableFromIPC(shifted.subarray(1)).batches as unknown as RecordBatch[])).toEqual([
      ROWS,
      0,
    ]);
  });
});
