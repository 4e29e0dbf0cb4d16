import { batchFromColumns, batchFromRows, rowArraysFromBatch } from '@millrace/arrow';
import { type AcceleratedTable, dataTypes, type Expr, field, type RecordBatch, type Schema } from '@millrace/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { joinInTurns } from '../src/join-in-turns.ts';
import { takeInTurns } from '../src/take-in-turns.ts';
import { CONTEXT, openTable, scan } from './open-table.ts';

const SCHEMA: Schema = {
  fields: [field('id', dataTypes.int32()), field('at', dataTypes.int32()), field('note', dataTypes.utf8())],
};
const ROW_COUNT = 100_000;
/** The rows from here on are appended once more. */
const WATERMARK = 60_000;
/** Rows that may be worked on between two turns. */
const MOST_ROWS = 4_096;

function rowsFrom(first: number, note: string): RecordBatch {
  const rows = Array.from({ length: ROW_COUNT - first }, (_, index) => [first + index, first + index, note]);
  return batchFromRows(SCHEMA, rows);
}

function atOrAbove(bound: number): Expr {
  const type = dataTypes.int32();
  const args: Expr[] = [
    { kind: 'column', path: ['at'], type },
    { kind: 'literal', value: bound, type },
  ];
  return { kind: 'call', function: 'ge', type: dataTypes.bool(), args };
}

/** Counts the turns that the event loop has while something runs. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turnCount = 0;
  let isDone = false;
  const count = (): void => {
    turnCount += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await work();
  isDone = true;
  return turnCount;
}

describe('the event loop', () => {
  afterEach(() => vi.restoreAllMocks());

  /** Time that passes by the steps of the work alone: each is longer than a turn. */
  async function stepTime(): Promise<void> {
    // In a turn of its own: the one before counts from a time of the real clock.
    await new Promise(setImmediate);
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 1_000;
      return now;
    });
  }
  async function append(table: AcceleratedTable): Promise<void> {
    const mode = { kind: 'overwrite_where', filters: [atOrAbove(WATERMARK)] } as const;
    await using session = await table.beginRefresh({ mode }, CONTEXT);
    await using writer = await session.writer();
    await writer.write(rowsFrom(WATERMARK, 'new'));
    await writer.finish();
    await session.commit({ refreshedAtMs: 1, bootstrapComplete: true });
  }

  it.each([{}, { primaryKey: ['id'] }])('has turns while rows are appended under %o', async (constraints) => {
    const { table } = await openTable(SCHEMA, constraints);
    await using session = await table.beginRefresh({ mode: { kind: 'overwrite' } }, CONTEXT);
    await using writer = await session.writer();
    await writer.write(rowsFrom(0, 'old'));
    await writer.finish();
    await session.commit({ refreshedAtMs: 1, bootstrapComplete: true });
    await stepTime();
    const turnCount = await turnsDuring(() => append(table));
    vi.restoreAllMocks();
    await new Promise(setImmediate);
    // Once to see which rows stay, once to gather them, and once for each column that is joined.
    const leastCount = ROW_COUNT / MOST_ROWS + WATERMARK / MOST_ROWS + SCHEMA.fields.length;
    expect(turnCount).toBeGreaterThan(leastCount);
    const rows = (await scan(table)).flatMap((batch) => [...rowArraysFromBatch(batch)]);
    expect(rows).toHaveLength(ROW_COUNT);
    expect(rows.filter(([, , note]) => note === 'new')).toHaveLength(ROW_COUNT - WATERMARK);
  });

  it('has a turn after each column of few rows that are gathered, and after each column that is joined', async () => {
    let breathCount = 0;
    const breather = {
      breathe: () => {
        breathCount += 1;
        return undefined;
      },
    };
    const values = Int32Array.from({ length: ROW_COUNT }, (_, row) => row);
    const schema: Schema = { fields: [field('a', dataTypes.int32()), field('b', dataTypes.int32())] };
    const batch = batchFromColumns(schema, [values, values]);
    const parts: RecordBatch[] = [];
    for await (const part of takeInTurns(batch, Uint32Array.from(values), breather)) parts.push(part);
    expect(Math.max(...parts.map(({ numRows }) => numRows))).toBeLessThanOrEqual(MOST_ROWS);
    const gatherCount = parts.length * schema.fields.length;
    expect(breathCount).toBe(gatherCount);
    const joined = await joinInTurns(schema, parts, breather);
    expect(breathCount).toBe(gatherCount + schema.fields.length);
    expect(joined.numRows).toBe(ROW_COUNT);
    expect(joined.data.children.map(({ values: held }) => held)).toEqual([values, values]);
  });
});
