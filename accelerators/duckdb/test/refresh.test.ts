import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import {
  ConcurrentReaders,
  completeVersion,
  describeRows,
  testRefreshes,
  VERSION_SCHEMA,
  versionBatches,
} from '@millrace/test-fixtures';
import * as runner from 'vitest';
import { type Accelerated, accelerate, CONTEXT, refresh, scanAll } from './accelerate.ts';

const { afterAll, beforeAll, describe, expect, it } = runner;

describe.each(['memory', 'file'] as const)('refreshes in mode %s', (mode) => {
  let folder: string;
  let engine: DuckDbDatabase;
  let nextTable = 0;
  const opened: Accelerated[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-refresh-'));
    engine = await openDatabase({ path: ':memory:', threads: 2 });
  });
  afterAll(async () => {
    await Promise.all(opened.map(({ accelerator }) => accelerator.shutdown()));
    await engine.close();
    rmSync(folder, { recursive: true });
  });

  async function open(command = {}): Promise<Accelerated['table']> {
    nextTable += 1;
    const name = { schemaName: 'sales', table: `t${nextTable}` };
    const accelerated = await accelerate({ folder, engine, mode, name, schema: VERSION_SCHEMA, command });
    opened.push(accelerated);
    expect(accelerated.status).toEqual({ kind: 'empty' });
    return accelerated.table;
  }

  const begin = (table: Accelerated['table']) => table.beginRefresh({ mode: { kind: 'overwrite' } }, CONTEXT);

  /** The names of everything that is in the table's catalog, checkpoints aside. */
  async function relations(table: Accelerated['table']): Promise<unknown> {
    const relation = await table.nativeRelation?.(CONTEXT);
    if (relation?.kind !== 'engine_table') throw new TypeError('the table does not live in the engine');
    return engine.withConnection((connection) =>
      connection.rows(
        `SELECT table_name FROM information_schema.tables WHERE table_catalog = $1 AND contains(table_name, $2) ORDER BY 1`,
        [relation.catalog, relation.table],
      ),
    );
  }

  it('8 readers of 20 refreshes see complete versions alone', async () => {
    const table = await open();
    const rowCount = 5_000;
    await refresh(table, versionBatches(0, rowCount));
    const relation = await table.nativeRelation?.(CONTEXT);
    if (relation?.kind !== 'engine_table') throw new TypeError('the table does not live in the engine');
    const sql = `SELECT count(*), sum(i), min(v), max(v) FROM "${relation.catalog}"."${relation.schemaName}"."${relation.table}"`;
    const readers = new ConcurrentReaders(8, async (reader) => {
      if (reader % 2 === 0) {
        const rows = describeRows(await scanAll(table));
        expect(rows).toEqual(completeVersion(rows.versions[0]!, rowCount));
        return rows.versions[0]!;
      }
      const [row] = await engine.withConnection((connection) => connection.rows(sql));
      expect(row).toEqual([BigInt(rowCount), String((rowCount * (rowCount - 1)) / 2), row![2], row![2]]);
      return Number(row![2]);
    });
    for (let version = 1; version <= 20; version++) {
      expect(await refresh(table, versionBatches(version, rowCount))).toBe(BigInt(rowCount));
      if (version % 5 === 0) await readers.untilSeen(version);
    }
    await readers.stop();
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(20, rowCount));
  });

  testRefreshes({
    runner,
    open,
    rowCount: 200_000,
    failures: [
      [
        'a relation that fails midway',
        async (table) => {
          await using session = await begin(table);
          const sql = `SELECT i, 2::INTEGER AS v, CASE WHEN i = 900000 THEN error('no') ELSE 'x' END AS text FROM range(1000000) t(i)`;
          return await session.loadNative?.({ kind: 'sql', engine: 'duckdb', sql, paths: [] }, ['i', 'v', 'text']);
        },
        'sql_error',
      ],
    ],
    relations,
  });

  it('loads native relations inside the engine, and leaves unknown ones to the batches', async () => {
    const table = await open();
    const load = async (relation: Parameters<NonNullable<Awaited<ReturnType<typeof begin>>['loadNative']>>[0]) => {
      await using session = await begin(table);
      const rowCount = await session.loadNative?.(relation, ['text', 'i', 'v']);
      if (rowCount === undefined) {
        await using writer = await session.writer();
        await writer.finish();
      }
      await session.commit({ refreshedAtMs: 0, bootstrapComplete: true });
      return rowCount;
    };
    const sql = (version: number, type: string) =>
      `SELECT 'text of version ${version}, row ' || i AS text, ${version}::${type} AS v, i FROM range(2000) t(i)`;
    expect(await load({ kind: 'sql', engine: 'duckdb', sql: sql(5, 'INTEGER'), paths: [] })).toBe(2_000n);
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(5, 2_000));
    expect(await load({ kind: 'batches', batches: versionBatches(6, 2_500) })).toBe(2_500n);
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(6, 2_500));
    const relation = await table.nativeRelation?.(CONTEXT);
    expect(await load(relation!)).toBe(2_500n);
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(6, 2_500));
    // Types other than announced would be converted without a word.
    expect(await load({ kind: 'sql', engine: 'duckdb', sql: sql(7, 'DOUBLE'), paths: [] })).toBeUndefined();
    const elsewhere = { kind: 'engine_table', engine: {}, catalog: 'c', schemaName: 's', table: 't' } as const;
    expect(await load(elsewhere)).toBeUndefined();
    expect(table.checkpoint?.rowCount).toBe(0n);
  });

  it('makes indexes, and a refresh that breaks a unique one fails', async () => {
    const table = await open({ primaryKey: ['i'], indexes: [{ columns: ['v', 'text'], unique: false }] });
    expect(table.constraints).toEqual([{ kind: 'primary_key', columns: ['i'], enforced: true }]);
    for (const version of [1, 2]) await refresh(table, versionBatches(version, 3_000));
    const [first] = versionBatches(3, 100);
    await expect(refresh(table, [first!, first!])).rejects.toMatchObject({ code: 'integrity' });
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(2, 3_000));
    const relation = await table.nativeRelation?.(CONTEXT);
    if (relation?.kind !== 'engine_table') throw new TypeError('the table does not live in the engine');
    const found = await engine.withConnection((connection) =>
      connection.rows(
        'SELECT is_unique, expressions FROM duckdb_indexes() WHERE database_name = $1 AND contains(table_name, $2) ORDER BY 1',
        [relation.catalog, relation.table],
      ),
    );
    expect(found).toEqual([
      [false, '[v, \'"text"\']'],
      [true, '[i]'],
    ]);
  });
});
