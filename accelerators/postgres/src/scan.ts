import { requireCurrentRows, scanStatistics } from '@millrace/acceleration';
import {
  cancelledError,
  type ExecutionPlan,
  isMillraceError,
  MillraceError,
  type RecordBatch,
  type ScanContext,
  type ScanRequest,
  type Schema,
} from '@millrace/core';
import {
  classifyError,
  createDecoder,
  encodeParameter,
  isRetryable,
  type RowStatement,
  type Session,
  type WireColumn,
} from '@millrace/postgres';
import { type PlannedSelect, planSelect } from '@millrace/sql';
import { type CheckpointRow, checkpointQuery } from './checkpoint-table.ts';
import { findIndexes } from './find-indexes.ts';
import { restoreBatches } from './restore-batch.ts';
import type { Store } from './store.ts';
import { type StoredTable, toStoredTable } from './stored-columns.ts';
import { storedTypeOf } from './stored-type.ts';
import type { TableNames } from './table-names.ts';

const DEFAULT_BATCH_ROWS = 32_768;
/** Nested values are unpacked one by one. */
const PACKED_BATCH_ROWS = 2_048;
/** Bytes of texts at which a batch ends earlier. */
const BATCH_BYTES = 16 * 1024 * 1024;
/** Times that a scan looks for the version, before its first rows: one that was dropped in between, a connection that broke. */
const ATTEMPTS = 5;
const RETRY_MS = 50;
const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
/** Stands for the table of the version that is current when the scan begins; no SQL text holds a NUL. */
const RELATION_MARK = '\0relation\0';

/** What is scanned. */
export interface TableScan {
  readonly component: string;
  readonly store: Store;
  readonly names: TableNames;
  readonly schema: Schema;
  /** Rows that the table has now; undefined before the first refresh. */
  readonly rowCount: bigint | undefined;
  readonly request: ScanRequest;
  /** Aborts when the table is closed. */
  readonly closing: AbortSignal;
  /** Called as a scan begins; what it gives is told what the server says about the table. */
  readonly onBegin: () => (row: CheckpointRow | undefined) => void;
}

/**
 * Plans a scan as one statement: columns, filters, order, offset and limit, exact as far as they can be said of the storage. Each execution reads the
 * version that is current when it begins, to its end, whatever process loaded it.
 *
 * @throws MillraceError `unsupported` for an older version or a metadata column, as there are none.
 */
export function planTableScan(scan: TableScan): ExecutionPlan {
  const { component, store, schema, rowCount, request } = scan;
  requireCurrentRows(request, { component, connector: 'postgres' });
  const table = toStoredTable({ schema, from: RELATION_MARK, component });
  const select = planSelect(table, request);
  return {
    schema: select.schema,
    applied: select.applied,
    partitions: [{ id: 0, detail: null }],
    ...(select.ordering && { ordering: select.ordering }),
    ...scanStatistics({ rowCount, request, applied: select.applied }),
    execute: (_, context) => execute({ scan, table, select }, context),
    explain: () => ({
      source: `postgres ${component}`,
      statement: select.statement().sql.replace(RELATION_MARK, store.quoted('the current version')),
      notes: select.notes,
    }),
    indexesUsed: (context) => findIndexesOf({ scan, table, select }, context),
  };
}

interface PlannedScan {
  readonly scan: TableScan;
  readonly table: StoredTable;
  readonly select: PlannedSelect;
}

async function* execute(planned: PlannedScan, context: ScanContext): AsyncGenerator<RecordBatch, void, undefined> {
  const { component, closing, store } = planned.scan;
  if (context.signal.aborted) throw cancelledError(component, context.signal);
  const signal = AbortSignal.any([context.signal, closing, store.client.closing]);
  for (let attempt = 1; ; attempt += 1) {
    let hasRows = false;
    const started = performance.now();
    try {
      for await (const batch of readOnce(planned, context, signal)) {
        hasRows = true;
        yield batch;
      }
      return;
    } catch (error) {
      const classified = classifyScanError(error, planned, { context, elapsedMs: performance.now() - started });
      const mayPass = isRetryable(classified) || isGone(classified);
      if (hasRows || attempt >= ATTEMPTS || !mayPass || signal.aborted) throw classified;
      store.client.figures.retries += 1;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * (attempt - 1)));
    }
  }
}

async function* readOnce(
  planned: PlannedScan,
  { batchRowCount = DEFAULT_BATCH_ROWS }: ScanContext,
  signal: AbortSignal,
): AsyncGenerator<RecordBatch, void, undefined> {
  const { scan, select } = planned;
  const { store, component, names } = scan;
  const onRow = scan.onBegin();
  const begin = `${BEGIN}; ${checkpointQuery(store.schema, names)}`;
  const session = await store.client.open({ component, signal, begin });
  let isWhole = false;
  try {
    const [row] = session.begun as readonly CheckpointRow[];
    onRow(row);
    if (row !== undefined) {
      store.client.figures.statements += 1;
      const restore = restoreBatches(select.schema);
      const statement = toStatement(planned, { relation: store.quoted(row.relation), batchRowCount });
      for await (const batch of session.stream(statement, signal, (count) => {
        store.client.figures.bytes += count;
      })) {
        store.client.figures.rows += batch.numRows;
        yield restore(batch);
      }
    }
    isWhole = true;
  } finally {
    // All rows are there: nobody waits for the end of a transaction that only read.
    if (isWhole) void endTransaction(session, store.client.closing);
    else session.end('destroy');
  }
}

/** Asks the server for its plan over the version that is current. */
async function findIndexesOf(planned: PlannedScan, context: ScanContext): Promise<readonly string[]> {
  const { store, component, names, closing } = planned.scan;
  const signal = AbortSignal.any([context.signal, closing, store.client.closing]);
  const started = performance.now();
  try {
    const begin = `${BEGIN}; ${checkpointQuery(store.schema, names)}`;
    const session = await store.client.open({ component, signal, begin });
    let isWhole = false;
    try {
      const [row] = session.begun as readonly CheckpointRow[];
      const relation = row && store.quoted(row.relation);
      const used = relation
        ? await findIndexes(session, toStatement(planned, { relation, batchRowCount: DEFAULT_BATCH_ROWS }), signal)
        : [];
      isWhole = true;
      return used;
    } finally {
      if (isWhole) await endTransaction(session, signal);
      else session.end('destroy');
    }
  } catch (error) {
    throw classifyScanError(error, planned, { context, elapsedMs: performance.now() - started });
  }
}

async function endTransaction(session: Session, signal: AbortSignal): Promise<void> {
  let fate: 'keep' | 'destroy' = 'destroy';
  try {
    await session.until(signal, () => session.run('COMMIT'));
    fate = 'keep';
  } catch {
    // A connection that is lost by now holds nothing at the server either.
  } finally {
    session.end(fate);
  }
}

function toStatement(
  { scan, table, select }: PlannedScan,
  { relation, batchRowCount }: { readonly relation: string; readonly batchRowCount: number },
): RowStatement {
  const { sql, parameters } = select.statement();
  const columns = select.columns as readonly WireColumn[];
  const isPacked = select.schema.fields.some(({ type }) => storedTypeOf(type)?.isPacked === true);
  return {
    sql: sql.replace(RELATION_MARK, () => relation),
    values: parameters.map((parameter) => encodeParameter(parameter, table.formOf(parameter)!)),
    schema: select.schema,
    decoders: columns.map(({ wire, field }) =>
      createDecoder(wire, (what) => {
        throw damaged(scan, `the column ${JSON.stringify(field.name)} holds ${what}`);
      }),
    ),
    wireColumnCount: Math.max(1, columns.length),
    size: { rowCount: isPacked ? Math.min(batchRowCount, PACKED_BATCH_ROWS) : batchRowCount, byteCount: BATCH_BYTES },
    checkColumns: (fields) => {
      const isOther = columns.some(({ wire }, index) => fields[index]?.dataTypeID !== wire.oid);
      if (isOther) throw damaged(scan, 'its table has columns of other types than this release keeps');
    },
  };
}

function damaged({ component }: TableScan, message: string): MillraceError {
  return new MillraceError({
    code: 'invalid_data',
    component,
    connector: 'postgres',
    message,
    hint: 'Somebody else has written to the accelerated table: refresh it in full',
  });
}

/** The version was dropped between the look at its name and the first lock on it. */
function isGone({ code, cause }: MillraceError): boolean {
  return code === 'not_found' && (cause as { readonly code?: unknown } | undefined)?.code === '42P01';
}

interface Elapsed {
  readonly context: ScanContext;
  readonly elapsedMs: number;
}

function classifyScanError(error: unknown, { scan }: PlannedScan, { context, elapsedMs }: Elapsed): MillraceError {
  const { signal } = context;
  const { component, closing, store } = scan;
  if ((closing.aborted || store.client.closing.aborted) && !signal.aborted && !isOwnState(error))
    return new MillraceError({
      code: 'invalid_state',
      component,
      connector: 'postgres',
      message: 'the accelerated table was closed while the scan ran',
      cause: error,
    });
  const { statementTimeoutMs } = store.client.settings;
  const hasTimedOut = statementTimeoutMs > 0 && elapsedMs >= statementTimeoutMs;
  return classifyError(error, { component, signal, hasTimedOut });
}

function isOwnState(error: unknown): boolean {
  return isMillraceError(error) && error.code === 'invalid_state';
}
