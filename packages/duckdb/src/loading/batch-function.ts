import {
  BIGINT,
  BOOLEAN,
  type DuckDBConnection,
  DuckDBTableFunction,
  type DuckDBTableFunctionBindInfo,
  type DuckDBTableFunctionInitInfo,
  type DuckDBType,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { isMillraceError, MillraceError, type Schema } from '@millrace/core';
import { toLogicalType } from '../type-mapping/to-logical-type.ts';
import { type BatchSlice, cutRuns, ROW_GROUP_ROWS } from './batch-slice.ts';
import { carrierType } from './carrier-type.ts';
import type { WriteRows } from './column-source.ts';
import { createWriter } from './create-writer.ts';
import { isTurnDue, registerTurnFunction } from './loop-turn.ts';
import { copyToVector } from './raw-vector.ts';
import { rememberFailure } from './scan-failure.ts';
import { resetScratch, scratchBytes } from './scratch.ts';
import { createNullWriter } from './write-fixed-width.ts';

/** Rows in memory that a query can scan through the table function. */
export interface BatchSource {
  readonly schema: Schema;
  readonly slices: readonly BatchSlice[];
  readonly rowCount: number;
  /** Names of the columns in SQL, which must differ by more than case; default those of the schema. */
  readonly names?: readonly string[];
  /** A further column that is true in the first row of a chunk after which the thread must pause; see {@link pausing}. */
  readonly pauseColumn?: string;
  /**
   * How many of DuckDB's threads may read, where the statement needs no order; default 1. With more, each reads whole runs of
   * 122,880 rows, so that an INSERT makes whole row groups of them: others are compressed once more by the next checkpoint.
   */
  readonly maxThreads?: number;
}

/** A source under the number by which SQL names it. */
export interface OpenSource {
  /** The call, for FROM: `millrace_batches(17)`. */
  readonly sql: string;
  /** The columns of the call: the types rows are handed over in, and those they stand for. */
  readonly columns: readonly SourceColumn[];
  /** Forgets the number. Scans that run keep their rows and finish. */
  release(): void;
}

/** A column of an {@link OpenSource}; `carrier` and `type` are the same object where no cast is needed. */
export interface SourceColumn {
  readonly name: string;
  readonly type: DuckDBType;
  readonly carrier: DuckDBType;
}

const FUNCTION_NAME = 'millrace_batches';

/** DuckDB's vector size: the most rows that one call may hand over. */
const CHUNK_ROWS = 2_048;

/** A table function must have a column; a source without any shows this one, which is always null. */
const ROWS_COLUMN: SourceColumn = { name: 'rows', type: BOOLEAN, carrier: BOOLEAN };

interface RegisteredSource extends BatchSource {
  readonly columns: readonly SourceColumn[];
}

/** Where one scan stands; each scan of a query has its own. */
interface ScanState {
  readonly source: RegisteredSource;
  readonly ordinals: readonly number[];
  /** Runs of rows that no thread has begun. */
  readonly runs: (readonly BatchSlice[])[];
}

/** Where one thread of a scan stands in the run that it began last. */
interface ThreadState {
  slices: readonly BatchSlice[];
  slice: number;
  row: number;
  writers: readonly WriteRows[];
}

const sources = new Map<bigint, RegisteredSource>();
let lastId = 0n;

/**
 * Registers the table function that reads record batches, once for each database instance, on any of its connections.
 *
 * DuckDB runs it on Node's main thread, 2,048 rows a call, while its own threads do the rest: a query that names it must
 * therefore never be run by a synchronous call.
 */
export function registerBatchFunction(connection: DuckDBConnection): void {
  registerTurnFunction(connection);
  connection.registerTableFunction(
    DuckDBTableFunction.create({
      name: FUNCTION_NAME,
      parameterTypes: [BIGINT],
      supportsProjectionPushdown: true,
      bindFunction: bind,
      initFunction: init,
      localInitFunction: initThread,
      mainFunction: (info, chunk) => scan(info.initData as ScanState, info.localInitData as ThreadState, chunk.chunk),
    }),
  );
}

/**
 * Makes batches readable through the table function of every instance in this process.
 *
 * @throws MillraceError `unsupported_type` for a type that DuckDB lacks, `schema_mismatch` for a batch with another number of
 * columns, `unsupported` for names that differ only by case, which DuckDB takes for the same.
 */
export function openSource(source: BatchSource): OpenSource {
  const columns = sourceColumns(source);
  for (const { batch } of source.slices) {
    if (batch.data.children.length !== source.schema.fields.length) {
      throw new MillraceError({
        code: 'schema_mismatch',
        component: 'duckdb',
        message: `a batch has ${batch.data.children.length} columns where its schema has ${source.schema.fields.length}`,
      });
    }
  }
  lastId += 1n;
  const id = lastId;
  sources.set(id, { ...source, columns });
  return { sql: `${FUNCTION_NAME}(${id})`, columns, release: () => sources.delete(id) };
}

function sourceColumns({ schema, names, pauseColumn }: BatchSource): readonly SourceColumn[] {
  const columns = schema.fields.length === 0 ? [ROWS_COLUMN] : fieldColumns(schema, names);
  return pauseColumn === undefined ? columns : [...columns, { name: pauseColumn, type: BOOLEAN, carrier: BOOLEAN }];
}

function fieldColumns({ fields }: Schema, given: readonly string[] | undefined): readonly SourceColumn[] {
  const seen = new Map<string, string>();
  return fields.map((field, ordinal) => {
    const name = given?.[ordinal] ?? field.name;
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined) {
      throw new MillraceError({
        code: 'unsupported',
        component: 'duckdb',
        message: `columns ${JSON.stringify(twin)} and ${JSON.stringify(name)} have one name to DuckDB, which ignores case`,
        hint: 'Rename one of them at the source',
      });
    }
    seen.set(name.toLowerCase(), name);
    const type = toLogicalType(field);
    return { name, type, carrier: carrierType(type) };
  });
}

function bind(info: DuckDBTableFunctionBindInfo): void {
  const id = info.getParameter(0);
  const source = typeof id === 'bigint' ? sources.get(id) : undefined;
  if (source === undefined) {
    throw new Error(`${FUNCTION_NAME} was called for rows that are not there, or no longer`);
  }
  for (const { name, carrier } of source.columns) {
    info.addResultColumn(name, carrier);
  }
  info.setBindData(source);
  info.setCardinality(source.rowCount, true);
}

function init(info: DuckDBTableFunctionInitInfo): void {
  const source = info.bindData as RegisteredSource;
  const maxThreads = source.maxThreads ?? 1;
  const runs = maxThreads > 1 ? cutRuns(source.slices, ROW_GROUP_ROWS) : [source.slices];
  info.setInitData({ source, ordinals: info.getColumnIndexes(), runs } satisfies ScanState);
  // The callback itself runs on Node's thread alone: more threads gain what DuckDB does with one chunk while the next is made.
  info.setMaxThreads(maxThreads);
}

function initThread(info: DuckDBTableFunctionInitInfo): void {
  info.setInitData({ slices: [], slice: 0, row: 0, writers: [] } satisfies ThreadState);
}

function scan(state: ScanState, thread: ThreadState, chunk: duckdb.DataChunk): void {
  try {
    const rowCount = nextRows(state, thread);
    duckdb.data_chunk_set_size(chunk, rowCount);
    for (const [index, write] of thread.writers.entries()) {
      if (rowCount > 0) {
        resetScratch();
        write(duckdb.data_chunk_get_vector(chunk, index), thread.row, rowCount, undefined);
      }
    }
    thread.row += rowCount;
  } catch (error) {
    throw isMillraceError(error) ? rememberFailure(error) : error;
  }
}

/** How many rows come next, from `thread.row` of its current slice on; 0 when all runs have been begun and the thread's own is read. */
function nextRows(state: ScanState, thread: ThreadState): number {
  for (;;) {
    const rest = (thread.slices[thread.slice]?.end ?? 0) - thread.row;
    if (rest > 0) {
      return Math.min(rest, CHUNK_ROWS);
    }
    thread.slice += 1;
    if (thread.slice >= thread.slices.length) {
      const run = state.runs.shift();
      if (run === undefined) {
        thread.writers = [];
        return 0;
      }
      thread.slices = run;
      thread.slice = 0;
    }
    const next = thread.slices[thread.slice];
    thread.row = next?.start ?? 0;
    if (next !== undefined && next.end > next.start) {
      thread.writers = sliceWriters(state, next);
    }
  }
}

function sliceWriters({ source, ordinals }: ScanState, { batch }: BatchSlice): readonly WriteRows[] {
  return ordinals.map((ordinal) => {
    if (source.pauseColumn !== undefined && ordinal === source.columns.length - 1) {
      return writePauses;
    }
    const field = source.schema.fields[ordinal];
    const column = batch.data.children[ordinal];
    const target = source.columns[ordinal]?.carrier;
    if (field === undefined || column === undefined || target === undefined) {
      return createNullWriter();
    }
    return createWriter({ column, field, target, path: field.name });
  });
}

/** Asks for a pause in the first row when one is due. */
function writePauses(vector: duckdb.Vector, _start: number, count: number): void {
  const pauses = scratchBytes(count).fill(0);
  pauses[0] = isTurnDue() ? 1 : 0;
  copyToVector(vector, 0, pauses);
}
