import { dataTypes, field, type NativeRelation, type Schema } from '@millrace/core';
import { type DuckDbConnection, type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatasetsCatalog } from '../src/query/datasets-catalog.ts';
import type { EngineTable } from '../src/query/engine-table.ts';

const SCHEMA: Schema = { fields: [field('x', dataTypes.int32())] };

function toTable(): EngineTable {
  const provider = () => {
    throw new TypeError('nothing reads the table itself');
  };
  return { name: { table: 't' }, schema: SCHEMA, provider };
}
const toRelation = (sql: string): NativeRelation => ({ kind: 'sql', engine: 'duckdb', sql, paths: [] });

/** A database that does something behind every statement that has been run. */
function attended(database: DuckDbDatabase, onRun: (sql: string) => Promise<void>): DuckDbDatabase {
  const overlay = <T extends object>(target: T, members: Partial<T>): T =>
    new Proxy(target, {
      get: (_, key) => {
        if (key in members) return members[key as keyof T];
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  const connect = async (): Promise<DuckDbConnection> => {
    const connection = await database.connect();
    const run: DuckDbConnection['run'] = async (sql, ...rest) => {
      const result = await connection.run(sql, ...rest);
      await onRun(sql);
      return result;
    };
    return overlay(connection, { run });
  };
  return overlay(database, { connect });
}

describe('the catalog of published tables', () => {
  let database: DuckDbDatabase;
  let catalog: DatasetsCatalog;
  let onRun: (sql: string) => Promise<void>;
  beforeEach(async () => {
    database = await openDatabase({ path: ':memory:', component: 'test' });
    onRun = async () => {};
    catalog = await DatasetsCatalog.create(attended(database, (sql) => onRun(sql)));
  });
  afterEach(async () => {
    await catalog.close();
    await database.close();
  });

  it('holds no table for anybody whose view another one is replacing', async () => {
    const [former, next] = [toTable(), toTable()];
    await catalog.publish(former, toRelation('SELECT 1 AS x'));
    const seen: unknown[] = [];
    onRun = async (sql) => {
      if (!sql.startsWith('CREATE OR REPLACE VIEW')) return;
      const rows = await database.withConnection((connection) =>
        connection.rows('SELECT x FROM __millrace_datasets.t'),
      );
      seen.push({ rows, isFormer: catalog.holds(former), redefinitions: catalog.redefinitions });
    };
    await catalog.publish(next, toRelation('SELECT 2 AS x'));
    // A statement over the former table would be bound to the new view, and could not see that anything has changed.
    expect(seen).toEqual([{ rows: [[2]], isFormer: false, redefinitions: catalog.redefinitions }]);
    expect(catalog.holds(next)).toBe(true);
  });

  it('holds the former table where another one cannot take its place', async () => {
    const [former, next] = [toTable(), toTable()];
    await catalog.publish(former, toRelation('SELECT 1 AS x'));
    await expect(catalog.publish(next, toRelation('SELECT nothing'))).rejects.toMatchObject({ code: 'sql_error' });
    expect(catalog.holds(former)).toBe(true);
    expect(catalog.holds(next)).toBe(false);
  });
});
