import { createBreather } from '@millrace/arrow';
import {
  type BatchWriter,
  cancelledError,
  type Json,
  MillraceError,
  type RecordBatch,
  type ScanContext,
  type WriteRequest,
  type WriteResult,
  type WriteSession,
} from '@millrace/core';
import { type Conformer, createConformer } from './conform-batch.ts';
import type { TableShape } from './snapshot.ts';
import type { StoredTable } from './stored-table.ts';
import { applyWrite, prepareWrite } from './write-modes.ts';

/** The rows of one finished writer, waiting for the commit. */
interface StagedRows {
  readonly partition: number;
  readonly batches: readonly RecordBatch[];
}

/**
 * Opens a two-phase write. The rows wait in memory beside the table; a commit makes one new version of them.
 *
 * @throws MillraceError before any row is taken: `schema_mismatch` or `integrity` for columns that do not fit, `unsupported` for a mode
 * that this table cannot do exactly.
 */
export function openWrite(request: {
  readonly stored: StoredTable;
  readonly shape: TableShape;
  readonly request: WriteRequest;
  readonly context: ScanContext;
}): WriteSession {
  const { stored, shape, context } = request;
  const { schema, mode, epoch } = request.request;
  const label = `write to table ${stored.name}`;
  const conformer = createConformer({
    table: stored.name,
    source: schema,
    target: shape.schema,
    defaults: shape.defaults,
  });
  const prepared = prepareWrite(stored.name, shape, mode);
  const staged = new Map<string, StagedRows>();
  let state: 'open' | 'committed' | 'aborted' | 'failed' = 'open';
  let writers = 0;

  const requireOpen = (): void => {
    if (context.signal.aborted) throw cancelledError(label, context.signal);
    if (state !== 'open')
      throw invalidState(
        label,
        `the write has ${state === 'failed' ? 'begun its commit or failed' : `already been ${state}`}`,
      );
  };
  const abort = async (): Promise<void> => {
    if (state !== 'open') return;
    state = 'aborted';
    staged.clear();
  };
  return {
    async writer({ partition, attempt }) {
      requireOpen();
      writers += 1;
      const id = `${partition}/${attempt}/${writers}`;
      return createBatchWriter({
        label,
        conformer,
        requireOpen,
        finish: (batches) => {
          staged.set(id, { partition, batches });
          return { writer: id };
        },
      });
    },
    async commit(messages) {
      requireOpen();
      const rows = collect(label, staged, messages);
      state = 'failed';
      staged.clear();
      let result: WriteResult = { rowCount: 0n };
      const breather = createBreather(label, context.signal);
      const snapshot = await stored.change(async (base) => {
        const last = epoch && base.epochs.get(epoch.stream);
        if (epoch !== undefined && last !== undefined && last >= epoch.id) {
          result = { rowCount: 0n, duplicateEpoch: true };
          return undefined;
        }
        const next = await applyWrite({ stored, base, prepared, rows, breather, expected: shape });
        result = { rowCount: BigInt(rows.reduce((sum, batch) => sum + batch.numRows, 0)) };
        return epoch === undefined ? next : { ...next, epochs: new Map([...base.epochs, [epoch.stream, epoch.id]]) };
      });
      state = 'committed';
      return { ...result, version: String(snapshot.version) };
    },
    abort,
    [Symbol.asyncDispose]: abort,
  };
}

function createBatchWriter(request: {
  readonly label: string;
  readonly conformer: Conformer;
  readonly requireOpen: () => void;
  readonly finish: (batches: readonly RecordBatch[]) => Json;
}): BatchWriter {
  const { label, conformer, requireOpen } = request;
  let batches: RecordBatch[] | undefined = [];
  const requireBatches = (): RecordBatch[] => {
    requireOpen();
    if (batches === undefined) throw invalidState(label, 'the writer was already finished or disposed');
    return batches;
  };
  return {
    async write(batch) {
      requireBatches().push(...conformer.conform(batch));
    },
    async finish() {
      const finished = requireBatches();
      batches = undefined;
      return request.finish(finished);
    },
    async [Symbol.asyncDispose]() {
      batches = undefined;
    },
  };
}

/** The rows of the writers that the messages name, in the order of their partitions. */
function collect(
  label: string,
  staged: ReadonlyMap<string, StagedRows>,
  messages: readonly Json[],
): readonly RecordBatch[] {
  const seen = new Map<number, StagedRows>();
  for (const message of messages) {
    const id = typeof message === 'object' && message !== null && 'writer' in message ? message.writer : undefined;
    const rows = typeof id === 'string' ? staged.get(id) : undefined;
    if (rows === undefined) throw invalidMessage(label, 'a message is not of a finished writer of this write');
    if (seen.has(rows.partition)) throw invalidMessage(label, `two messages are of partition ${rows.partition}`);
    seen.set(rows.partition, rows);
  }
  return [...seen].sort(([left], [right]) => left - right).flatMap(([, rows]) => rows.batches);
}

function invalidState(label: string, message: string): MillraceError {
  return new MillraceError({
    code: 'invalid_state',
    component: label,
    connector: 'memory',
    message,
    hint: 'Open another write',
  });
}

function invalidMessage(label: string, message: string): MillraceError {
  return new MillraceError({
    code: 'invalid_argument',
    component: label,
    connector: 'memory',
    message,
    hint: 'Commit what finish() returned, once for each partition',
  });
}
