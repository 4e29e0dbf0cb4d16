import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromRows, createValueReader, projectBatch } from '@millrace/arrow';
import { dataTypes, field, type RecordBatch, type Schema, type TableProvider } from '@millrace/core';
import type { QueryStream } from '@millrace/duckdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineTable } from '../src/query/engine-table.ts';
import { QueryEngine } from '../src/query/query-engine.ts';

const NAMES: Schema = { fields: [field('name', dataTypes.utf8())] };

/** A table of texts, which may do something before they are read. */
function tableOf(texts: readonly string[], onRead: () => Promise<void> = async () => {}): TableProvider {
  return {
    schema: NAMES,
    tableType: 'base',
    scan: ({ projection, filters }) => ({
      schema: { fields: projection.map((ordinal) => NAMES.fields[ordinal]!) },
      applied: { filters: filters.map(() => 'none') },
      partitions: [{ id: 0, detail: null }],
      async *execute(): AsyncGenerator<RecordBatch, void, undefined> {
        await onRead();
        const rows = texts.map((text) => [text]);
        yield projectBatch(batchFromRows(NAMES, rows), projection);
      },
      explain: () => ({ source: 'test source' }),
    }),
  };
}

function toTable(provider: TableProvider, schemaName?: string): EngineTable {
  const name = schemaName === undefined ? { table: 'texts' } : { schemaName, table: 'texts' };
  return { name, schema: provider.schema, provider: () => provider };
}

async function rowsOf(stream: QueryStream): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for await (const { data, numRows } of stream) {
    const readers = data.children.map(createValueReader);
    for (let row = 0; row < numRows; row += 1) rows.push(readers.map((read) => read(row)));
  }
  return rows;
}

describe('statements while tables become other ones', () => {
  let folder: string;
  let engine: QueryEngine;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-redefined-'));
    engine = await QueryEngine.open({ memoryLimit: '1GB', tempDirectory: join(folder, 'spill') });
  });
  afterEach(async () => {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('hold what they read after they began anew', async () => {
    const next = toTable(tableOf(['7']));
    await engine.addTable(toTable(tableOf(['seven'], () => engine.addTable(next))));
    // Fails in the engine over the first table, as its text is no number.
    const stream = await engine.query({ sql: 'SELECT sum(name::INTEGER)::INTEGER AS total FROM texts' });
    let isReleased = false;
    const released = engine.release(next).then(() => {
      isReleased = true;
    });
    await rowsOf(await engine.query({ sql: 'SELECT 1' }));
    expect(isReleased).toBe(false);
    expect(await rowsOf(stream)).toEqual([[7]]);
    await released;
  });

  it('do not meet in a view a table that is gone', async () => {
    await engine.addTable(toTable(tableOf(['main'])));
    const gone = toTable(tableOf(['shop']), 'shop');
    await engine.addTable(gone);
    expect(await rowsOf(await engine.query({ sql: 'SELECT upper(name) FROM shop.texts' }))).toEqual([['SHOP']]);
    await engine.remove(gone.name);
    await engine.addView({ name: { schemaName: 'shop', table: 'shown' }, sql: 'SELECT upper(name) FROM texts' });
    expect(await rowsOf(await engine.query({ sql: 'SELECT * FROM shop.shown' }))).toEqual([['MAIN']]);
  });
});
