import {
  cancelledError,
  isMillraceError,
  MillraceError,
  type RecordBatch,
  type ScanContext,
  type Schema,
} from '@millrace/core';
import type { SqlText } from '@millrace/sql';
import { classifyError } from './classify-error.ts';
import type { Lease } from './client/connection-pool.ts';
import { stopStatement } from './client/stop-statement.ts';
import type { MappedColumn } from './map-columns.ts';
import type { MysqlTable } from './mysql-table.ts';
import { BorrowedSocket } from './wire/borrowed-socket.ts';
import type { ColumnDecoder } from './wire/column-decoder.ts';
import type { ColumnDefinition } from './wire/column-definition.ts';
import { createDecoder } from './wire/create-decoder.ts';
import { definitionLayoutOf } from './wire/definition-layout.ts';
import { RowDecoder } from './wire/row-decoder.ts';
import { StatementRun } from './wire/statement-run.ts';

/** Milliseconds of decoding after which the event loop gets a turn. */
const TURN_MS = 1;
/** Rows between two looks at the clock. */
const ROWS_A_LOOK = 64;
const BATCH_ROWS = 16_384;
const BATCH_BYTES = 4 << 20;

/** One statement and what its rows become. */
export interface ReadRequest {
  readonly table: MysqlTable;
  readonly text: SqlText;
  readonly columns: readonly MappedColumn[];
  readonly schema: Schema;
}

/**
 * Runs a statement and decodes its rows. Nothing is sent before the first `next()`; leaving the loop stops the statement at the server.
 *
 * @throws MillraceError `cancelled`, `conflict` when the table was changed since the schema was made, `invalid_data` for what the schema or the
 * parameters do not allow, and whatever the server answers.
 */
export async function* readRows(request: ReadRequest, context: ScanContext): AsyncGenerator<RecordBatch, void> {
  const { pool, metrics, component } = request.table;
  const { signal } = context;
  const startedAt = performance.now();
  const lease = await pool.checkout(component, signal);
  metrics.scanStarted();
  let outcome: 'complete' | 'stopped' | 'failed' = 'stopped';
  let received = 0;
  let state: 'clean' | 'dirty' = 'dirty';
  try {
    const { connection } = lease;
    const socket = new BorrowedSocket(connection);
    const run = new StatementRun(socket, {
      ...request.text,
      offsetSeconds: pool.settings.offsetSeconds,
      layout: definitionLayoutOf(connection),
    });
    const interrupt = (): void => socket.interrupt();
    signal.addEventListener('abort', interrupt);
    lease.closed.addEventListener('abort', interrupt);
    try {
      let isFirst = true;
      for await (const batch of decode(request, { socket, run, lease, context })) {
        metrics.batchRead(batch.numRows, isFirst ? performance.now() - startedAt : undefined);
        isFirst = false;
        yield batch;
      }
      outcome = 'complete';
    } catch (error) {
      outcome = signal.aborted ? 'stopped' : 'failed';
      throw describeFailure(error, request, lease, signal);
    } finally {
      signal.removeEventListener('abort', interrupt);
      lease.closed.removeEventListener('abort', interrupt);
      received = socket.receivedBytes;
      state = await stopStatement({ connection, socket, run, settings: pool.settings });
    }
  } finally {
    lease.release(state);
    metrics.scanEnded(outcome, received);
  }
}

interface Reading {
  readonly socket: BorrowedSocket;
  readonly run: StatementRun;
  readonly lease: Lease;
  readonly context: ScanContext;
}

async function* decode(request: ReadRequest, reading: Reading): AsyncGenerator<RecordBatch, void> {
  const { socket, run, lease, context } = reading;
  const { reader } = socket;
  const check = (): void => {
    if (context.signal.aborted) throw cancelledError(request.table.component, context.signal);
    if (lease.closed.aborted) throw closedError(request.table.component);
  };
  let rows: RowDecoder | undefined;
  let turnEnd = performance.now() + TURN_MS;
  let untilLook = ROWS_A_LOOK;
  check();
  run.start();
  for (;;) {
    const step = run.step();
    if (step === 'row') {
      rows ??= createRowDecoder(request, run.columns, context);
      if (rows.read(reader.buffer, reader.start)) yield take(rows, request)!;
      if (--untilLook > 0) continue;
      untilLook = ROWS_A_LOOK;
      socket.relieve();
      if (performance.now() < turnEnd) continue;
      await new Promise(setImmediate);
      turnEnd = performance.now() + TURN_MS;
      check();
    } else if (step === 'wait') {
      await socket.more();
      check();
    } else if (step === 'done') break;
  }
  const last = rows && take(rows, request);
  if (last !== undefined) yield last;
  // A statement that was executed but has no rows may still have columns that no longer fit.
  if (rows === undefined) createRowDecoder(request, run.columns, context);
}

function createRowDecoder(
  request: ReadRequest,
  definitions: readonly ColumnDefinition[],
  { batchRowCount }: ScanContext,
): RowDecoder {
  const { schema, columns, table } = request;
  const decoders = columns.map((column, index) => toDecoder(column, definitions[index], table));
  return new RowDecoder(schema, decoders, {
    maxRows: Math.max(1, batchRowCount ?? BATCH_ROWS),
    maxBytes: BATCH_BYTES,
  });
}

function toDecoder(
  column: MappedColumn,
  definition: ColumnDefinition | undefined,
  { component, pool, settings }: MysqlTable,
): ColumnDecoder {
  const changed = (): MillraceError =>
    changedError(component, `column ${column.name} no longer has the type ${column.sourceType}`);
  const decoder =
    definition &&
    createDecoder(definition, {
      field: column.field,
      ...(column.members !== undefined && { members: column.members }),
      offsetSeconds: pool.settings.offsetSeconds,
      onZeroDate: () => {
        if (settings.zeroDates === 'error')
          throw invalidData(
            component,
            `column ${column.name} holds a date without a year, month or day`,
            'Correct it, or set mysql_zero_date_behavior: null',
          );
      },
      onInvalidText: () => {
        throw invalidData(
          component,
          `column ${column.name} holds text that UTF-8 cannot hold`,
          'Correct it at the server',
        );
      },
      onUnknownMember: () => {
        throw changed();
      },
    });
  if (decoder === undefined) throw changed();
  return decoder;
}

function take(rows: RowDecoder, { schema, table }: ReadRequest): RecordBatch | undefined {
  const batch = rows.take();
  const wrong = batch?.data.children.findIndex((column, index) => {
    return column.nullCount > 0 && schema.fields[index]?.nullable === false;
  });
  if (wrong === undefined || wrong < 0) return batch;
  throw changedError(table.component, `column ${schema.fields[wrong]?.name} now holds NULL`);
}

function describeFailure(error: unknown, { table }: ReadRequest, lease: Lease, signal: AbortSignal): MillraceError {
  const { component, pool } = table;
  if (isMillraceError(error)) return error;
  if (signal.aborted) return cancelledError(component, signal);
  if (lease.closed.aborted) return closedError(component);
  return classifyError(error, { component, address: pool.address });
}

function closedError(component: string): MillraceError {
  return new MillraceError({
    code: 'invalid_state',
    component,
    connector: 'mysql',
    message: 'the connector was closed while it was read',
  });
}

function changedError(component: string, message: string): MillraceError {
  return new MillraceError({
    code: 'conflict',
    component,
    connector: 'mysql',
    message: `the table was changed: ${message}`,
    hint: 'Load the dataset again',
  });
}

function invalidData(component: string, message: string, hint: string): MillraceError {
  return new MillraceError({ code: 'invalid_data', component, connector: 'mysql', message, hint });
}
