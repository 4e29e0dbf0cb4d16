import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { batchFromRows, rowArraysFromBatch } from '@millrace/arrow';
import type { AcceleratedTable, RecordBatch } from '@millrace/core';
import { openDatabase } from '@millrace/duckdb';
import { ConcurrentReaders } from '@millrace/test-fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accelerate, CONTEXT, scanAll } from './accelerate.ts';
import {
  type AppendFixture,
  createAppendFixture,
  from,
  overwrite,
  type Row,
  read,
  SCHEMA,
  sorted,
  sqlName,
  write,
} from './append-fixture.ts';

describe.each(['memory', 'file'] as const)('many appends in mode %s', (mode) => {
  let fixture: AppendFixture;
  beforeAll(async () => {
    fixture = await createAppendFixture(mode);
  });
  afterAll(() => fixture.close());

  it('let readers see complete versions alone, each the one it began with', async () => {
    const table = await fixture.open({ primaryKey: ['a'], refreshMode: 'append' });
    const size = 20_000;
    const versionRows = (version: number): RecordBatch[] => [
      batchFromRows(
        SCHEMA,
        Array.from({ length: size }, (_, i): Row => [BigInt(i + size), 'x', 1, version]),
      ),
    ];
    await write(table, overwrite, [
      ...versionRows(0),
      batchFromRows(
        SCHEMA,
        Array.from({ length: size }, (_, i): Row => [BigInt(i), 'x', 0, -1]),
      ),
    ]);
    const { relation } = await sqlName(table);
    const sql = `SELECT count(*), count(DISTINCT v), sum(a)::BIGINT FROM ${relation}`;
    const readers = new ConcurrentReaders(8, async (reader) => {
      if (reader % 2 === 0) {
        const [row] = await fixture.engine.withConnection((connection) => connection.rows(sql));
        expect(row).toEqual([BigInt(2 * size), 2n, BigInt(size * (2 * size - 1))]);
        return -1;
      }
      const plan = await table.scan({ projection: [3], filters: [] }, CONTEXT);
      const versions = new Map<number, number>();
      for await (const batch of plan.execute(plan.partitions[0]!, { ...CONTEXT, batchRowCount: 4_096 })) {
        for (const [v] of rowArraysFromBatch(batch)) versions.set(Number(v), (versions.get(Number(v)) ?? 0) + 1);
        await sleep(1);
      }
      expect([...versions.values()]).toEqual([size, size]);
      return Math.max(...versions.keys());
    });
    const versionCount = 20;
    for (let version = 1; version <= versionCount; version++) {
      await write(table, from(1), versionRows(version));
      if (version % 5 === 0) await readers.untilSeen(version);
    }
    await readers.stop();
    const versions = new Set(
      (await scanAll(table)).flatMap((batch) => [...rowArraysFromBatch(batch)].map((row) => row[3])),
    );
    expect(versions).toEqual(new Set([-1, versionCount]));
  });

  it('in a random order equal a model, and dead rows stay few', async () => {
    const seed = Number(process.env.MILLRACE_TEST_SEED ?? 20_261_129);
    const random = createRandom(seed);
    const below = (bound: number): number => Math.floor(random() * bound);
    for (const indexes of [undefined, [{ columns: ['t'], unique: false }]]) {
      const table = await fixture.open({
        primaryKey: ['a'],
        ...(indexes ? { indexes } : {}),
        onConflict: 'upsert_dedup_by_row_id',
        refreshMode: 'append',
      });
      let model = new Map<bigint, Row>();
      const steps = process.env.MILLRACE_TEST_FULL ? 200 : 25;
      for (let step = 0; step < steps; step++) {
        const bound = below(4_000);
        const rows = Array.from({ length: below(8_000) }, (): Row => {
          const key = BigInt(below(30_000));
          return [key, `b${below(9)}`, below(10) === 0 ? null : below(4_000), step];
        });
        model = new Map([...model].filter(([, row]) => row[2] !== null && row[2] < bound));
        for (const row of rows) model.set(row[0]!, row);
        await write(table, from(bound), rows);
      }
      expect(await read(table), `seed ${seed}`).toEqual(sorted([...model.values()]));
      const { catalog, relation } = await sqlName(table);
      const [size] = await fixture.engine.withConnection((connection) =>
        connection.rows(
          `SELECT sum(estimated_size)::BIGINT FROM duckdb_tables() WHERE database_name = $1 AND contains(table_name, $2)`,
          [catalog, `_${relation.split('.').at(-1)}__v`],
        ),
      );
      expect(Number(size?.[0])).toBeLessThanOrEqual(model.size * 1.5 + 20_480);
    }
  });
});

it('the file of a table that is appended to stays bounded, and is found again with its watermark', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-append-file-'));
  const command = { primaryKey: ['a'], refreshMode: 'append' } as const;
  const path = join(folder, 'data/orders.duckdb');
  const rowCount = 50_000;
  const batch = (start: number, v: number): RecordBatch =>
    batchFromRows(
      SCHEMA,
      Array.from({ length: rowCount - start }, (_, i): Row => [BigInt(start + i), `text ${start + i}`, start + i, v]),
    );
  const append = async (table: AcceleratedTable, version: number): Promise<void> => {
    const start = rowCount * 0.8;
    await using session = await table.beginRefresh({ mode: version === 0 ? overwrite : from(start) }, CONTEXT);
    await using writer = await session.writer();
    await writer.write(batch(version === 0 ? 0 : start, version));
    await writer.finish();
    await session.commit({ refreshedAtMs: version, bootstrapComplete: true, watermark: String(version) });
  };
  /** Appends some versions as one process does, which finds what the one before left. */
  const run = async (first: number, end: number): Promise<void> => {
    const engine = await openDatabase({ path: ':memory:', threads: 2 });
    const { accelerator, table, status } = await accelerate({ folder, engine, mode: 'file', schema: SCHEMA, command });
    if (first > 0)
      expect(status).toMatchObject({
        kind: 'ready',
        checkpoint: { watermark: String(first - 1), rowCount: BigInt(rowCount) },
      });
    for (let version = first; version < end; version++) await append(table, version);
    const values = (await scanAll(table)).flatMap((read) => [...rowArraysFromBatch(read)].map((row) => row[3]));
    expect(values).toHaveLength(rowCount);
    expect(values.filter((value) => value === end - 1)).toHaveLength(end === 1 ? rowCount : rowCount * 0.2);
    await accelerator.shutdown();
    await engine.close();
  };
  try {
    await run(0, 1);
    const oneVersion = statSync(path).size;
    const appendCount = process.env.MILLRACE_TEST_FULL ? 100 : 30;
    for (let first = 1; first < appendCount; first += 10) await run(first, first + 10);
    expect(statSync(path).size / oneVersion).toBeLessThanOrEqual(6);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('a table that was indexed for full refreshes loses its index to the first append', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-append-index-'));
  const indexed: number[] = [];
  for (const refreshMode of ['full', 'append'] as const) {
    const engine = await openDatabase({ path: ':memory:', threads: 2 });
    const command = { primaryKey: ['a'], refreshMode };
    const { accelerator, table } = await accelerate({ folder, engine, mode: 'file', schema: SCHEMA, command });
    for (const v of [1, 2]) await write(table, refreshMode === 'full' ? overwrite : from(2), [[1n, 'x', v, v]]);
    expect(await read(table)).toEqual(sorted([[1n, 'x', 2, 2]]));
    const [row] = await engine.withConnection((connection) =>
      connection.rows(`SELECT count(*) FROM duckdb_indexes() WHERE contains(table_name, 'orders')`),
    );
    indexed.push(Number(row?.[0]));
    await accelerator.shutdown();
    await engine.close();
  }
  expect(indexed).toEqual([1, 0]);
  rmSync(folder, { recursive: true });
});

/** Source: mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
