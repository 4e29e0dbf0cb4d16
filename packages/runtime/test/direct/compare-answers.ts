import { inspect } from 'node:util';
import { fieldsEqual, rowArraysFromBatch } from '@millrace/arrow';
import { isMillraceError, type Schema } from '@millrace/core';
import { expect } from 'vitest';
import type { Runtime, SqlOptions } from '../../src/index.ts';
import { DIRECT_ANSWER_NOTE } from '../../src/query/direct-answer.ts';
import type { SimpleStatement } from './simple-statements.ts';

/** How a statement was answered. */
export interface AnswerCounts {
  readonly directCount: number;
  /** Of these, those with rows. */
  readonly filledCount: number;
}

/** Answers so many statements, and holds the direct answers among them against those without pushdown. */
export async function compareAnswers(
  runtime: Runtime,
  options: SqlOptions,
  { next, count }: { readonly next: () => SimpleStatement; readonly count: number },
): Promise<AnswerCounts> {
  let directCount = 0;
  let filledCount = 0;
  for (let index = 0; index < count; index += 1) {
    const statement = next();
    if (!(await isDirect(runtime, statement, options))) continue;
    directCount += 1;
    const actual = await outcomeOf(runtime, statement, options);
    if (actual.rows.length > 0) filledCount += 1;
    expectSame(actual, await outcomeOf(runtime, statement, { pushdown: 'off' }), statement);
    if (statement.hasLimit) await expectAmongAll(runtime, actual, statement);
  }
  return { directCount, filledCount };
}

/** Whether the scan's rows would be the statement's answer. */
export async function isDirect(
  runtime: Runtime,
  { sql, parameters }: Pick<SimpleStatement, 'sql' | 'parameters'>,
  options: SqlOptions = {},
): Promise<boolean> {
  try {
    const { scans } = await runtime.explain(sql, { ...options, ...(parameters && { parameters }) });
    return scans.some((scan) => scan.access === 'scan' && scan.notes.includes(DIRECT_ANSWER_NOTE));
  } catch (error) {
    if (isMillraceError(error)) return false;
    throw error;
  }
}

interface Outcome {
  readonly schema: Schema;
  readonly rows: readonly string[];
  /** The classes of the columns' buffers. */
  readonly buffers: readonly string[];
  readonly code: string | undefined;
}

async function outcomeOf(
  runtime: Runtime,
  { sql, parameters }: SimpleStatement,
  options: SqlOptions,
): Promise<Outcome> {
  try {
    const result = await runtime.sql(sql, { ...options, ...(parameters && { parameters }) });
    const rows: string[] = [];
    const buffers = new Set<string>();
    for await (const batch of result) {
      for (const row of rowArraysFromBatch(batch)) rows.push(inspect(row, { depth: null, maxStringLength: null }));
      buffers.add(batch.data.children.map((column) => column.values?.constructor.name ?? 'none').join());
    }
    return { schema: result.schema, rows: rows.sort(), buffers: [...buffers], code: undefined };
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    return { schema: { fields: [] }, rows: [], buffers: [], code: error.code };
  }
}

function expectSame(actual: Outcome, expected: Outcome, { sql, hasLimit }: SimpleStatement): void {
  expect(actual.code, sql).toBe(expected.code);
  expect(actual.schema, sql).toEqual(expected.schema);
  expect(
    actual.schema.fields.every((each, index) => fieldsEqual(each, expected.schema.fields[index]!)),
    sql,
  ).toBe(true);
  expect(actual.buffers, sql).toEqual(expected.buffers);
  if (hasLimit) expect(actual.rows.length, sql).toBe(expected.rows.length);
  else expect(actual.rows, sql).toEqual(expected.rows);
}

/** Of a statement with a LIMIT any rows are right that it has without. */
async function expectAmongAll(runtime: Runtime, { rows }: Outcome, statement: SimpleStatement): Promise<void> {
  const sql = statement.sql.replace(/ LIMIT \w+$/, '');
  const all = await outcomeOf(runtime, { ...statement, sql }, { pushdown: 'off' });
  const rest = [...all.rows];
  for (const row of rows) {
    const place = rest.indexOf(row);
    expect(place, statement.sql).toBeGreaterThanOrEqual(0);
    rest.splice(place, 1);
  }
}
