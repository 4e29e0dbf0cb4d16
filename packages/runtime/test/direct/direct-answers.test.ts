import { inspect } from 'node:util';
import { batchFromRows, createLiteralReader, fieldsEqual, type LiteralLike, rowArraysFromBatch } from '@millrace/arrow';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field, isMillraceError, type RecordBatch, type Schema } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { openDatabase } from '@millrace/duckdb';
import { TYPE_SAMPLES } from '@millrace/test-fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuntime, type Runtime, type SqlOptions } from '../../src/index.ts';
import { DIRECT_ANSWER_NOTE } from '../../src/query/direct-answer.ts';
import { ARROW_ONLY_SAMPLES } from '../arrow-only-samples.ts';
import { createStatements, type SimpleStatement, type StatementTable } from './simple-statements.ts';

const IS_FULL = process.env.MILLRACE_TEST_FULL !== undefined;
const SEED = Number(process.env.MILLRACE_TEST_SEED ?? (IS_FULL ? Date.now() % 2 ** 31 : 20_261_130));
const STATEMENT_COUNT = IS_FULL ? 8_000 : 500;
/** Values that no literal of a statement can give. */
const CANNOT_BE_WRITTEN = /^GEOMETRY$|^STRUCT.*ENUM/;
/** The memory connector applies filters and limits exactly; with `native: 'off'` it is asked to. */
const SCANNED: SqlOptions = { native: 'off' };

let runtime: Runtime;
const tables: StatementTable[] = [];

beforeAll(async () => {
  const store = memoryDatabase('direct-answers');
  for (const batch of [...(await duckDbBatches()), ...arrowBatches()]) {
    const table = `t${tables.length}`;
    store.put(table, { schema: batch.schema, batches: [batch] });
    const read = createLiteralReader(batch.data.children[1]!);
    const literals: readonly LiteralLike[] = Array.from({ length: batch.numRows }, (_, row) => read(row));
    tables.push({ table, field: batch.schema.fields[1]!, literals });
  }
  runtime = await createRuntime({
    config: {
      datasets: tables.map(({ table }) => ({
        from: `memory:${table}`,
        name: table,
        params: { memory_database: 'direct-answers' },
      })),
      views: [{ name: 'seen', sql: 'SELECT * FROM t0' }],
    },
    registry: createRegistry({ connectors: [memoryConnector], accelerators: [] }),
  });
}, 60_000);
afterAll(() => runtime?.close());

describe(`${STATEMENT_COUNT} simple statements (MILLRACE_TEST_SEED=${SEED})`, () => {
  it('have the very result that they have without pushdown', async () => {
    const next = createStatements(SEED, tables);
    let directCount = 0;
    let filledCount = 0;
    for (let index = 0; index < STATEMENT_COUNT; index += 1) {
      const statement = next();
      if (!(await isDirect(statement))) continue;
      directCount += 1;
      const [actual, expected] = [await outcomeOf(statement, SCANNED), await outcomeOf(statement, { pushdown: 'off' })];
      if (actual.rows.length > 0) filledCount += 1;
      expectSame(actual, expected, statement);
      if (statement.hasLimit) await expectAmongAll(actual, statement);
    }
    console.info(`direct answers: ${directCount} of ${STATEMENT_COUNT} statements, ${filledCount} of these with rows`);
    expect(directCount / STATEMENT_COUNT).toBeGreaterThan(0.2);
    expect(filledCount / directCount).toBeGreaterThan(0.4);
  }, 1_800_000);
});

interface Outcome {
  readonly schema: Schema;
  readonly rows: readonly string[];
  /** The classes of the columns' buffers. */
  readonly buffers: readonly string[];
  readonly code: string | undefined;
}

async function isDirect({ sql, parameters }: SimpleStatement): Promise<boolean> {
  try {
    const { scans } = await runtime.explain(sql, { ...SCANNED, ...(parameters && { parameters }) });
    return scans.some((scan) => scan.access === 'scan' && scan.notes.includes(DIRECT_ANSWER_NOTE));
  } catch (error) {
    if (isMillraceError(error)) return false;
    throw error;
  }
}

async function outcomeOf({ sql, parameters }: SimpleStatement, options: SqlOptions): Promise<Outcome> {
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
async function expectAmongAll({ rows }: Outcome, statement: SimpleStatement): Promise<void> {
  const sql = statement.sql.replace(/ LIMIT \w+$/, '');
  const all = await outcomeOf({ ...statement, sql }, { pushdown: 'off' });
  const rest = [...all.rows];
  for (const row of rows) {
    const place = rest.indexOf(row);
    expect(place, statement.sql).toBeGreaterThanOrEqual(0);
    rest.splice(place, 1);
  }
}

/** A row for each value, with another one of the values beside it. */
async function duckDbBatches(): Promise<RecordBatch[]> {
  await using database = await openDatabase({ path: ':memory:' });
  await using connection = await database.connect();
  const batches: RecordBatch[] = [];
  for (const { type, values } of TYPE_SAMPLES) {
    if (CANNOT_BE_WRITTEN.test(type)) continue;
    const literals = ['NULL', ...values].map((value) => `CAST(${value} AS ${type})`);
    const selects = literals.map((literal, row) => {
      return `SELECT ${row}::INTEGER AS "Id", ${literal} AS v, ${literals.at(row - 2)} AS "w w"`;
    });
    const stream = await connection.stream({ sql: `${selects.join(' UNION ALL ')} ORDER BY "Id"` });
    for await (const batch of stream) batches.push(batch);
  }
  return batches;
}

function arrowBatches(): RecordBatch[] {
  return ARROW_ONLY_SAMPLES.map(({ type, values }) => {
    const schema = { fields: [field('Id', dataTypes.int32()), field('v', type), field('w w', type)] };
    const all = [null, ...values];
    return batchFromRows(
      schema,
      all.map((value, row) => [row, value, all.at(row - 1)]),
    );
  });
}
