import {
  BIGINT,
  BOOLEAN,
  type DuckDBConnection,
  DuckDBTableFunction,
  type DuckDBTableFunctionBindInfo,
  type DuckDBTableFunctionInitInfo,
  type DuckDBType,
  UTINYINT,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { isMillraceError, MillraceError, type Schema } from '@millrace/core';
import { toLogicalType } from '../type-mapping/to-logical-type.ts';
import type { BatchSlice, RunSource } from './batch-slice.ts';
import { carrierType } from './carrier-type.ts';
import type { WriteRows } from './column-source.ts';
import { createWriter } from './create-writer.ts';
import { isTurnDue, registerTurnFunction, Turn } from './loop-turn.ts';
import { copyToVector } from './raw-vector.ts';
import { rememberFailure } from './scan-failure.ts';
import { resetScratch, scratchBytes } from './scratch.ts';
import { createNullWriter } from './write-fixed-width.ts';

/** Rows that a query can scan through the table function. */
export interface BatchSource {
  readonly schema: Schema;
  /** How many rows there are, asked when a statement is planned; with {@link turnColumn} those that are there already. */
  readonly rowCount: () => number;
  /** Begins one scan; every batch has as many columns as the schema. */
  readonly begin: () => RunSource;
  /** Names of the columns in SQL, which must differ by more than case; default those of the schema. */
  readonly names?: readonly string[];
  /** A further column that tells threads to pause, of {@link Turn}; with it, runs may come later. Filler rows are null in all others. */
  readonly turnColumn?: string;
  /** How many of DuckDB's threads may read, where the statement needs no order; default 1. */
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
  readonly runs: RunSource;
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
 * @throws MillraceError `unsupported_type` for a type that DuckDB lacks, `unsupported` for names that differ only by case, which
 * DuckDB takes for the same.
 */
export function openSource(source: BatchSource): OpenSource {
  const columns = sourceColumns(source);
  lastId += 1n;
  const id = lastId;
  sources.set(id, { ...source, columns });
  return { sql: `${FUNCTION_NAME}(${id})`, columns, release: () => sources.delete(id) };
}

function sourceColumns({ schema, names, turnColumn }: BatchSource): readonly SourceColumn[] {
  const columns = schema.fields.length === 0 ? [ROWS_COLUMN] : fieldColumns(schema, names);
  return turnColumn === undefined ? columns : [...columns, { name: turnColumn, type: UTINYINT, carrier: UTINYINT }];
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
  info.setCardinality(source.rowCount(), source.turnColumn === undefined);
}

function init(info: DuckDBTableFunctionInitInfo): void {
  const source = info.bindData as RegisteredSource;
  info.setInitData({ source, ordinals: info.getColumnIndexes(), runs: source.begin() } satisfies ScanState);
  // The callback itself runs on Node's thread alone: more threads gain what DuckDB does with one chunk while the next is made.
  info.setMaxThreads(source.maxThreads ?? 1);
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

/** How many rows come next, from `thread.row` of its current slice on: a filler where none are there yet, and 0 at the end. */
function nextRows(state: ScanState, thread: ThreadState): number {
  for (;;) {
    const rest = (thread.slices[thread.slice]?.end ?? 0) - thread.row;
    if (rest > 0) {
      return Math.min(rest, CHUNK_ROWS);
    }
    thread.slice += 1;
    if (thread.slice >= thread.slices.length) {
      const run = state.runs.next();
      thread.slices = typeof run === 'object' ? run : [];
      thread.slice = 0;
      if (typeof run !== 'object') {
        thread.writers = run === 'later' ? fillerWriters(state) : [];
        thread.row = run === 'later' ? -1 : 0;
        return run === 'later' ? 1 : 0;
      }
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
    if (isTurnColumn(source, ordinal)) {
      return writeTurns;
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

function fillerWriters({ source, ordinals }: ScanState): readonly WriteRows[] {
  return ordinals.map((ordinal) => (isTurnColumn(source, ordinal) ? writeFiller : createNullWriter()));
}

function isTurnColumn({ turnColumn, columns }: RegisteredSource, ordinal: number): boolean {
  return turnColumn !== undefined && ordinal === columns.length - 1;
}

/** Asks for a pause in the first row when one is due. */
function writeTurns(vector: duckdb.Vector, _start: number, count: number): void {
  const turns = scratchBytes(count).fill(Turn.None);
  turns[0] = isTurnDue() ? Turn.Pause : Turn.None;
  copyToVector(vector, 0, turns);
}

function writeFiller(vector: duckdb.Vector): void {
  copyToVector(vector, 0, scratchBytes(1).fill(Turn.Filler));
}
