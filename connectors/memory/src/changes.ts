import { emptyBatch, schemasEqual } from '@millrace/arrow';
import {
  type ChangeLog,
  cancelledError,
  type ErrorCode,
  MillraceError,
  type Offset,
  type ReadLimit,
  type RecordBatch,
  type ScanContext,
} from '@millrace/core';
import { changeBytes, changeRows, changeSource, type LoggedRows, withChangeType } from './change-rows.ts';
import { planScan } from './scan/plan-scan.ts';
import { countRows, type Snapshot, type TableShape } from './snapshot.ts';
import type { StoredTable } from './stored-table.ts';

/**
 * Opens the change log of a table. An offset is `{ "version": "7"}`: everything up to that version has been read; `initial()` is
 * version 0, from where all rows come as inserts first.
 *
 * A version is the smallest step, as it is one transaction. Versions are kept while an open log has not acknowledged them, and otherwise
 * as long as the table keeps versions; reading from a forgotten one fails with `not_found`, and the reader starts again from `initial()`.
 */
export function openChangeLog(stored: StoredTable, shape: TableShape): ChangeLog {
  const label = `changes of table ${stored.name}`;
  const hold = stored.holdHistory(stored.history[0]!.version - 1n);
  const closing = new AbortController();
  let frozen: bigint | undefined;
  const [key] = shape.constraints.flatMap((one) => (one.kind === 'primary_key' ? [one.columns] : []));

  const requireOpen = (): void => {
    if (closing.signal.aborted) throw logError(label, 'invalid_state', 'the change log was closed', 'Open another one');
  };
  const newest = (): bigint => {
    const current = stored.current.version;
    return frozen !== undefined && frozen < current ? frozen : current;
  };
  const rowsBetween = (start: bigint, end: bigint): readonly LoggedRows[] =>
    stepsBetween(label, stored, start, end).flatMap((step) => {
      const rows = changeRows(step);
      if (rows.length > 0 && !schemasEqual(step.snapshot.shape.schema, shape.schema))
        throw logError(
          label,
          'schema_mismatch',
          'the columns were altered within the range',
          'Load the table again and read all of it',
        );
      return rows;
    });

  return {
    shape: { carryover: false, intermediate: true, updates: 'images', ...(key && { key }) },
    async initial() {
      requireOpen();
      return toOffset(0n);
    },
    async latest(start, limit) {
      requireOpen();
      return toOffset(
        reach(stepsBetween(label, stored, fromOffset(label, start), newest()), fromOffset(label, start), limit),
      );
    },
    async read(start, end, request) {
      requireOpen();
      const rows = rowsBetween(fromOffset(label, start), fromOffset(label, end));
      return planScan(changeSource(label, shape.schema, rows), withChangeType(request), { signal: closing.signal });
    },
    async *follow(start, context) {
      let version = fromOffset(label, start);
      for (;;) {
        requireOpen();
        if (context.signal.aborted) throw cancelledError(label, context.signal);
        const end = newest();
        if (end <= version) {
          await nextVersion(stored, [context.signal, closing.signal], () => newest() > version);
          continue;
        }
        for (const step of stepsBetween(label, stored, version, end)) {
          const rows = rowsBetween(version, step.snapshot.version);
          yield* stepBatches({ label, shape, rows, start: version, end: step.snapshot.version, context });
          version = step.snapshot.version;
        }
      }
    },
    async ack(end) {
      requireOpen();
      hold.acknowledge(fromOffset(label, end));
    },
    async freeze() {
      requireOpen();
      frozen ??= stored.current.version;
      return toOffset(frozen);
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      hold.release();
    },
  };
}

/** One version of a range; the first of a range from 0 may be a whole snapshot in place of the versions before it. */
export interface ChangeStep {
  readonly snapshot: Snapshot;
  readonly content: 'changes' | 'all_rows';
}

function stepsBetween(label: string, stored: StoredTable, start: bigint, end: bigint): readonly ChangeStep[] {
  if (start > stored.current.version || end > stored.current.version)
    throw logError(
      label,
      'invalid_argument',
      'the offset lies ahead of the table',
      'Use an offset that this table gave',
    );
  if (end <= start) return [];
  const oldest = stored.history[0]!.version;
  const restarts = start === 0n && oldest > 1n;
  if ((!restarts && start + 1n < oldest) || end < oldest)
    throw logError(
      label,
      'not_found',
      'the versions from that offset on are no longer kept',
      'Read everything again from initial()',
    );
  return stored.history
    .filter((snapshot) => snapshot.version > start && snapshot.version <= end)
    .map((snapshot) => ({ snapshot, content: restarts && snapshot.version === oldest ? 'all_rows' : 'changes' }));
}

/** How far a step may go: whole versions, at least one. */
function reach(steps: readonly ChangeStep[], start: bigint, limit: ReadLimit): bigint {
  const { maxRows = Infinity, maxBytes = Infinity } = limit === 'all' ? {} : limit;
  let version = start;
  let rowCount = 0;
  let byteCount = 0;
  for (const step of steps) {
    const rows = changeRows(step);
    rowCount += countRows(rows);
    byteCount += maxBytes === Infinity ? 0 : changeBytes(rows);
    if (version > start && (rowCount > maxRows || byteCount > maxBytes)) break;
    version = step.snapshot.version;
  }
  return version;
}

/** The batches of one version; all but the last still reach only to the version before, as a version is not to be torn apart. */
async function* stepBatches(request: {
  readonly label: string;
  readonly shape: TableShape;
  readonly rows: readonly LoggedRows[];
  readonly start: bigint;
  readonly end: bigint;
  readonly context: ScanContext;
}): AsyncGenerator<{ readonly batch: RecordBatch; readonly end: Offset }> {
  const { label, shape, rows, context } = request;
  const projection = shape.schema.fields.map((_, ordinal) => ordinal);
  const plan = planScan(changeSource(label, shape.schema, rows), withChangeType({ projection, filters: [] }), context);
  let pending: RecordBatch = emptyBatch(plan.schema);
  for await (const batch of plan.execute(plan.partitions[0]!, context)) {
    if (pending.numRows > 0) yield { batch: pending, end: toOffset(request.start) };
    pending = batch;
  }
  yield { batch: pending, end: toOffset(request.end) };
}

/** Waits for something new, or for the end of one of the signals. */
function nextVersion(stored: StoredTable, signals: readonly AbortSignal[], isThere: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      if (!isThere() && !stored.isDropped && !signals.some((signal) => signal.aborted)) return;
      unsubscribe();
      for (const signal of signals) signal.removeEventListener('abort', done);
      resolve();
    };
    const unsubscribe = stored.subscribe(done);
    for (const signal of signals) signal.addEventListener('abort', done);
    done();
  });
}

function toOffset(version: bigint): Offset {
  return { version: version.toString() };
}

function fromOffset(label: string, offset: Offset): bigint {
  const version = typeof offset === 'object' && offset !== null && 'version' in offset ? offset.version : undefined;
  if (typeof version === 'string' && /^\d+$/.test(version)) return BigInt(version);
  throw logError(
    label,
    'invalid_argument',
    'this is no offset of a table in memory',
    'Use an offset that this table gave',
  );
}

function logError(label: string, code: ErrorCode, message: string, hint: string): MillraceError {
  return new MillraceError({ code, component: label, connector: 'memory', message, hint });
}
