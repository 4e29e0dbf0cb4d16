import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromRows, createValueReader } from '@millrace/arrow';
import {
  type AcceleratedTable,
  dataTypes,
  field,
  type RecordBatch,
  type RefreshSession,
  type Schema,
  type TableProvider,
} from '@millrace/core';
import { TYPE_SAMPLES } from '@millrace/test-fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announceCommits } from '../../src/acceleration/announce-commits.ts';
import type { EngineTable } from '../../src/query/engine-table.ts';
import { QueryEngine } from '../../src/query/query-engine.ts';
import { BatchCopier } from '../../src/results-cache/batch-copier.ts';
import { CachedQueries } from '../../src/results-cache/cached-queries.ts';
import { ResultsCache } from '../../src/results-cache/results-cache.ts';

const SCHEMA: Schema = { fields: [field('version', dataTypes.int32())] };
/** DuckDB's parser cannot write down the members of an ENUM inside another type, which inspection needs. */
const CANNOT_BE_WRITTEN = /^STRUCT.*ENUM/;

const folder = mkdtempSync(join(tmpdir(), 'millrace-cached-queries-'));
let engine: QueryEngine;
let cache: ResultsCache;
let queries: CachedQueries;

beforeAll(async () => {
  engine = await QueryEngine.open({ memoryLimit: '1GB', tempDirectory: join(folder, 'spill') });
  cache = new ResultsCache({ maxBytes: 64 * 1024 * 1024, itemTtlMs: 3_600_000 });
  queries = new CachedQueries(engine, cache);
});
afterAll(async () => {
  queries.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

function tableOf(name: string, version: () => number): EngineTable {
  const provider: TableProvider = {
    schema: SCHEMA,
    tableType: 'base',
    scan: () => ({
      schema: SCHEMA,
      applied: { filters: [] },
      partitions: [{ id: 0, detail: null }],
      explain: () => ({ source: 'test' }),
      async *execute() {
        yield batchFromRows(SCHEMA, [[version()]]);
      },
    }),
  };
  return { name: { table: name }, schema: SCHEMA, provider: () => provider };
}

async function read(sql: string): Promise<{ readonly status: string; readonly values: readonly unknown[] }> {
  const { stream, cacheStatus } = await queries.query({ sql, pushdown: 'on' });
  const values: unknown[] = [];
  for await (const batch of stream) values.push(...valuesOf(batch));
  return { status: cacheStatus, values };
}

function valuesOf({ numRows, data }: RecordBatch): unknown[] {
  const readers = data.children.map((column) => createValueReader(column));
  return Array.from({ length: numRows }, (_, row) => readers.map((value) => value(row)));
}

describe('statements over tables that are redefined', () => {
  it('are asked again once a table or view of that name is another one', async () => {
    await engine.addTable(tableOf('t', () => 1));
    await engine.addView({ name: { table: 'v' }, sql: 'SELECT version FROM t' });
    expect(await read('FROM t')).toEqual({ status: 'miss', values: [[1]] });
    expect(await read('FROM v')).toEqual({ status: 'miss', values: [[1]] });
    await engine.addTable(tableOf('t', () => 2));
    expect(await read('FROM t')).toEqual({ status: 'miss', values: [[2]] });
    expect(await read('FROM v')).toEqual({ status: 'miss', values: [[2]] });
    expect(await read('FROM v')).toEqual({ status: 'hit', values: [[2]] });
    await engine.remove({ table: 'v' });
    await engine.addView({ name: { table: 'v' }, sql: 'SELECT version + 10 FROM t' });
    expect(await read('FROM v')).toEqual({ status: 'miss', values: [[12]] });
    await engine.remove({ table: 't' });
    await expect(read('FROM t')).rejects.toMatchObject({ code: 'unknown_table' });
    await engine.addTable(tableOf('t', () => 1));
    expect(await read('FROM t')).toEqual({ status: 'miss', values: [[1]] });
  });

  it('are not kept where that happens while they run', async () => {
    await engine.addTable(tableOf('moving', () => 1));
    const { stream } = await queries.query({ sql: 'FROM moving' });
    await engine.addTable(tableOf('moving', () => 2));
    const before = cache.stats().itemCount;
    for await (const batch of stream) expect(valuesOf(batch)).toEqual([[1]]);
    expect(cache.stats().itemCount).toBe(before);
    expect(await read('FROM moving')).toEqual({ status: 'miss', values: [[2]] });
  });

  it('are asked again after every change that others made, which the version of the rows tells', async () => {
    let [version, isDown, probes] = [1, false, 0];
    const told = async (): Promise<string> => {
      probes += 1;
      if (isDown) throw new Error('it is down');
      return `commit ${version}`;
    };
    await engine.addTable({ ...tableOf('shared', () => version), version: told });
    expect(await read('FROM shared')).toEqual({ status: 'miss', values: [[1]] });
    expect(await read('FROM shared')).toEqual({ status: 'hit', values: [[1]] });
    version = 2;
    expect((await queries.explain({ sql: 'FROM shared' })).cache).toEqual({ status: 'miss' });
    expect(await read('FROM shared')).toEqual({ status: 'miss', values: [[2]] });
    // What changes while it is computed is of no version that is asked for again.
    const { stream } = await queries.query({ sql: 'SELECT version + 0 AS version FROM shared' });
    version = 3;
    for await (const batch of stream) expect(batch.numRows).toBe(1);
    expect(await read('SELECT version + 0 AS version FROM shared')).toEqual({ status: 'miss', values: [[3]] });
    isDown = true;
    expect(await read('FROM shared')).toEqual({ status: 'bypass', values: [[3]] });
    isDown = false;
    expect(await read('FROM shared')).toEqual({ status: 'miss', values: [[3]] });
    expect(await read('FROM shared')).toEqual({ status: 'hit', values: [[3]] });
    // One question for each statement.
    expect(probes).toBe(9);
  });

  it('are asked again after every change that is announced', async () => {
    let version = 1;
    await engine.addTable(tableOf('Announced', () => version));
    for (; version <= 3; version += 1) {
      expect(await read('FROM announced')).toEqual({ status: 'miss', values: [[version]] });
      expect(await read('FROM announced')).toEqual({ status: 'hit', values: [[version]] });
      engine.changes.announce({ schemaName: 'main', table: 'ANNOUNCED' });
    }
  });
});

describe('copies of batches', () => {
  it.each(TYPE_SAMPLES.filter(({ type }) => !CANNOT_BE_WRITTEN.test(type)))(
    '$type: come back as they were, in memory of their own',
    async ({ type, values }) => {
      const rows = [...values, 'NULL'].map(
        (value) => `SELECT CAST(${value} AS ${type}) AS value, [CAST(${value} AS ${type})] AS list`,
      );
      const sql = rows.join(' UNION ALL ');
      const direct: RecordBatch[] = [];
      for await (const batch of await engine.query({ sql })) direct.push(batch);
      const first = await read(sql);
      const second = await read(sql);
      expect([first.status, second.status]).toEqual(['miss', 'hit']);
      expect(first.values).toEqual(direct.flatMap(valuesOf));
      expect(second.values).toEqual(first.values);
      const copier = new BatchCopier();
      for (const batch of direct) {
        const copied = copier.copy(batch);
        const owned = buffersOf(copied);
        expect(owned.filter((buffer) => buffersOf(batch).includes(buffer))).toEqual([]);
        const byteCount = owned.reduce((sum, buffer) => sum + buffer.byteLength, 0);
        const measured = new BatchCopier().measure(batch);
        expect(measured).toBeGreaterThanOrEqual(byteCount);
        expect(measured).toBeLessThanOrEqual(byteCount + 128 * owned.length);
      }
    },
  );

  it('hold the bytes of their rows and not of the buffers that these lie in', () => {
    const slab = new Int32Array(1_000_000);
    const batch: RecordBatch = {
      schema: SCHEMA,
      numRows: 3,
      data: {
        children: [
          {
            type: dataTypes.int32(),
            length: 3,
            offset: 0,
            nullCount: 0,
            values: slab.subarray(500, 503),
            children: [],
          },
        ],
      },
    };
    expect(buffersOf(new BatchCopier().copy(batch)).map(({ byteLength }) => byteLength)).toEqual([12]);
  });
});

function buffersOf({ data }: RecordBatch): readonly ArrayBufferLike[] {
  const found = new Set<ArrayBufferLike>();
  const visit = (column: RecordBatch['data']['children'][number]): void => {
    for (const view of [column.values, column.valueOffsets, column.nullBitmap, column.typeIds])
      if (view) found.add(view.buffer);
    for (const child of [...column.children, ...(column.dictionary?.data ?? [])]) visit(child);
  };
  for (const column of data.children) visit(column);
  return [...found];
}

describe('commits that are announced', () => {
  it('are told of before and after, and leave every other member as it is', async () => {
    const told: string[] = [];
    class Session {
      readonly #failure: Error | undefined;
      constructor(failure?: Error) {
        this.#failure = failure;
      }
      async commit(): Promise<{ readonly rowCount: bigint }> {
        told.push('commit');
        if (this.#failure) throw this.#failure;
        return { rowCount: 1n };
      }
      async [Symbol.asyncDispose](): Promise<void> {
        told.push('dispose');
      }
    }
    class Table {
      readonly #schema = SCHEMA;
      failure: Error | undefined;
      get schema(): Schema {
        return this.#schema;
      }
      get checkpoint(): undefined {
        return undefined;
      }
      async beginRefresh(): Promise<RefreshSession> {
        return new Session(this.failure) as never;
      }
    }
    const table = new Table();
    const announced = announceCommits(table as unknown as AcceleratedTable, () => told.push('change'));
    expect(announced.schema).toBe(SCHEMA);
    expect([announced.nativeRelation, 'nativeRelation' in announced, 'schema' in announced]).toEqual([
      undefined,
      false,
      true,
    ]);
    const refresh = async () => {
      await using session = await announced.beginRefresh({ mode: { kind: 'overwrite' } }, {} as never);
      return await session.commit({ refreshedAtMs: 0, bootstrapComplete: true });
    };
    await refresh();
    expect(told.splice(0)).toEqual(['change', 'commit', 'change', 'dispose']);
    table.failure = new Error('full');
    await expect(refresh()).rejects.toThrow('full');
    expect(told).toEqual(['change', 'commit', 'change', 'dispose']);
  });
});
