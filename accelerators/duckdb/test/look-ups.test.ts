import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromRows } from '@millrace/arrow';
import { dataTypes, field, type Schema } from '@millrace/core';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accelerate, CONTEXT, refresh } from './accelerate.ts';

const SCHEMA: Schema = {
  fields: [
    field('LOOKED_UP', dataTypes.utf8()),
    field('id', dataTypes.int64()),
    field('code', dataTypes.utf8()),
    field('note', dataTypes.utf8()),
  ],
};
const ROWS = Array.from({ length: 20_000 }, (_, id) => ['x', BigInt(id), `code ${id}`, `note ${id}`]);

describe('look-ups in place', () => {
  let folder: string;
  let engine: DuckDbDatabase;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-look-ups-'));
    engine = await openDatabase({ path: ':memory:', threads: 2 });
  });
  afterAll(async () => {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['a key that is not the first column', { primaryKey: ['id'] }, 'id = 4711'],
    ['an index of texts', { indexes: [{ columns: ['Code'], unique: false }] }, "code = 'code 4711'"],
    [
      'an index of the first column beside a key',
      { primaryKey: ['id'], indexes: [{ columns: ['LOOKED_UP'], unique: false }] },
      'id = 4711',
    ],
  ])('use %s through a view of the table', async (name, constraints, where) => {
    const command = { ...constraints, refreshMode: 'full' } as const;
    const table = name.replaceAll(' ', '_');
    const { accelerator, table: kept } = await accelerate({ folder, engine, schema: SCHEMA, name: { table }, command });
    await refresh(kept, [batchFromRows(SCHEMA, ROWS)]);
    const relation = await kept.nativeRelation?.(CONTEXT);
    if (relation?.kind !== 'engine_table') throw new TypeError('the table does not live in the engine');
    const from = `(SELECT * FROM "${relation.catalog}"."${relation.schemaName}"."${relation.table}")`;
    await engine.withConnection(async (connection) => {
      const explained = await connection.rows(`EXPLAIN (ANALYZE, FORMAT json) SELECT * FROM ${from} WHERE ${where}`);
      expect(explained.flat().join()).toMatch(/"Type": ?"Index Scan"/);
      expect(await connection.rows(`SELECT * FROM ${from} WHERE ${where}`)).toEqual([
        ['x', 4711n, 'code 4711', 'note 4711'],
      ]);
      const described = await connection.rows(`DESCRIBE SELECT * FROM ${from}`);
      expect(described.map(([column]) => column)).toEqual(SCHEMA.fields.map((each) => each.name));
    });
    await accelerator.shutdown();
  });
});
