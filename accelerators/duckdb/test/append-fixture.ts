import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromRows, rowArraysFromBatch } from '@millrace/arrow';
import {
  type AcceleratedTable,
  type CreateTableCommand,
  dataTypes,
  type Expr,
  field,
  type RecordBatch,
  type ScalarFunction,
  type Schema,
  type WriteMode,
} from '@millrace/core';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { expect } from 'vitest';
import { type Accelerated, accelerate, CONTEXT, scanAll } from './accelerate.ts';

/** `t` is what windows are about. */
export const SCHEMA: Schema = {
  fields: [
    field('a', dataTypes.int64()),
    field('b', dataTypes.utf8()),
    field('t', dataTypes.int32()),
    field('v', dataTypes.float64()),
  ],
};

/** A row of {@link SCHEMA}. */
export type Row = readonly [bigint | null, string | null, number | null, number | null];

export const call = (name: ScalarFunction, ...args: Expr[]): Expr => ({
  kind: 'call',
  function: name,
  args,
  type: dataTypes.bool(),
});
const t: Expr = { kind: 'column', path: ['t'], type: dataTypes.int32() };
const number = (value: number): Expr => ({ kind: 'literal', value, type: dataTypes.int32() });

/** The window that an append replaces: everything from a bound on, and what has no place in time. */
export const from = (bound: number): WriteMode => ({
  kind: 'overwrite_where',
  filters: [call('or', call('ge', t, number(bound)), call('is_null', t))],
});
export const overwrite: WriteMode = { kind: 'overwrite' };

/** One refresh. */
export async function write(
  table: AcceleratedTable,
  mode: WriteMode,
  rows: readonly Row[] | AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
): Promise<bigint> {
  await using session = await table.beginRefresh({ mode }, CONTEXT);
  await using writer = await session.writer();
  const batches = isRows(rows) ? [batchFromRows(SCHEMA, rows)] : rows;
  for await (const batch of batches) await writer.write(batch);
  await writer.finish();
  const { rowCount } = await session.commit({ refreshedAtMs: 1, bootstrapComplete: true, watermark: 'w' });
  return rowCount;
}

/** The rows of a table as {@link sorted} tells them, as many as its checkpoint says. */
export async function read(table: AcceleratedTable): Promise<string[]> {
  const rows = (await scanAll(table)).flatMap((batch) => [...rowArraysFromBatch(batch)] as unknown as Row[]);
  expect(table.checkpoint?.rowCount ?? 0n).toBe(BigInt(rows.length));
  return sorted(rows);
}

/** Rows as texts that compare without their order. */
export function sorted(rows: readonly Row[]): string[] {
  return rows.map((row) => row.map((value) => (Object.is(value, -0) ? '0' : String(value))).join('|')).sort();
}

/** Tables of one engine, in memory or in one file. */
export interface AppendFixture {
  readonly engine: DuckDbDatabase;
  open(command?: Partial<CreateTableCommand>): Promise<AcceleratedTable>;
  close(): Promise<void>;
}

/** Opens an engine for tables of {@link SCHEMA}. */
export async function createAppendFixture(mode: 'memory' | 'file'): Promise<AppendFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-append-'));
  const engine = await openDatabase({ path: ':memory:', threads: 2 });
  const opened: Accelerated[] = [];
  return {
    engine,
    async open(command = {}) {
      const name = { table: `t${opened.length}` };
      const place = mode === 'file' ? { file: 'appended.duckdb' } : {};
      const accelerated = await accelerate({ folder, engine, mode, name, schema: SCHEMA, command, ...place });
      opened.push(accelerated);
      return accelerated.table;
    },
    async close() {
      await Promise.all(opened.map(({ accelerator }) => accelerator.shutdown()));
      await engine.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The table as SQL of the engine names it. */
export async function sqlName(
  table: AcceleratedTable,
): Promise<{ readonly catalog: string; readonly relation: string }> {
  const relation = await table.nativeRelation?.(CONTEXT);
  if (relation?.kind !== 'engine_table') throw new TypeError('the table does not live in the engine');
  return { catalog: relation.catalog, relation: `"${relation.catalog}".main.${relation.table}` };
}

function isRows(rows: readonly Row[] | AsyncIterable<RecordBatch> | Iterable<RecordBatch>): rows is readonly Row[] {
  return Array.isArray(rows) && (rows.length === 0 || Array.isArray(rows[0]));
}
