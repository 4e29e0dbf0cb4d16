import { createBreather } from '@millrace/arrow';
import { type AcceleratedTable, cancelledError, type RefreshSession } from '@millrace/core';
import { batchByteCount } from '../observability/batch-byte-count.ts';
import { NewestTime } from '../observability/newest-time.ts';
import type { Redefinition } from './definition-keeper.ts';
import type { RefreshSource, RowsRequest } from './refresh-source.ts';
import { toRefreshWindow } from './refresh-window.ts';
import type { TimeColumn } from './time-column.ts';
import { Watermark } from './watermark.ts';
import { watermarkInstant } from './watermark-instant.ts';

/** What one refresh did. */
export interface RefreshReport {
  readonly dataset: string;
  /** Rows that were written; after an append the table may have more. */
  readonly rowCount: bigint;
  /** Bytes of these rows in Arrow's layout; absent where the accelerator read the source by itself, which nobody counts. */
  readonly byteCount?: number;
  readonly durationMs: number;
  /**
   * `native`: the accelerator read the source's relation by itself. `batches`: rows came through the contract. `reconnect`: the dataset is
   * federated and had failed; it can be read again, and no rows were copied.
   */
  readonly path: 'native' | 'batches' | 'reconnect';
  /** `append`: rows of a window were replaced, and the others kept. Absent for `reconnect`. */
  readonly mode?: 'full' | 'append';
  /**
   * The newest time of the rows, those of earlier refreshes included: milliseconds since 1970-01-01 UTC. A DATE is its first moment, a time
   * without a zone counts as UTC. Known of a dataset with a time column, but not where the accelerator read the source by itself, and of
   * texts by appends alone.
   */
  readonly newestAtMs?: number;
  /** By how much that was behind the clock when the rows were published; 0 for a time to come. */
  readonly lagMs?: number;
}

/** What is different in one refresh from what is configured. */
export interface RefreshOverrides {
  /** `full` reads everything again; `append` is possible only where it is configured. */
  readonly mode?: 'full' | 'append';
  /** A SELECT over the dataset with the columns of the configured one. */
  readonly refreshSql?: string;
}

/** What refreshes of one table work with. */
export interface RefreshRunParts {
  readonly dataset: string;
  readonly table: AcceleratedTable;
  readonly source: RefreshSource;
  readonly mode: 'full' | 'append';
  /** There is one for `append` and for a data window. */
  readonly timeColumn?: TimeColumn | undefined;
  readonly overlapMs?: number;
  readonly dataWindowMs?: number;
  /** The columns that the table is given, where they are other ones than it has; all rows are loaded then. */
  readonly redefine?: Redefinition | undefined;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now: () => number;
  /** Told of the rows and bytes that have come so far. */
  readonly onRows?: (rowCount: bigint, byteCount: number) => void;
}

/**
 * Loads the table once: all of it, or what may have changed since the last time. Rows and checkpoint are published together, or nothing is.
 * @throws what source or accelerator throw.
 */
export async function runRefresh(
  parts: RefreshRunParts,
  overrides: RefreshOverrides,
  signal: AbortSignal,
): Promise<Omit<RefreshReport, 'durationMs'>> {
  const { dataset, table } = parts;
  const component = `dataset ${dataset}`;
  const mode = overrides.mode ?? parts.mode;
  const { redefine } = parts;
  const earlier = mode === 'append' && !redefine ? table.checkpoint?.watermark : undefined;
  const { filters, where } = windowOf(parts, earlier) ?? {};
  const column = parts.mode === 'append' ? parts.timeColumn : undefined;
  const watermark = column && new Watermark({ component, column, text: earlier });
  await using session = await table.beginRefresh(
    {
      mode: filters ? { kind: 'overwrite_where', filters } : { kind: 'overwrite' },
      ...(redefine ? { redefine: redefine.command } : {}),
    },
    { signal },
  );
  const newest = new NewestTime(watermark ? undefined : parts.timeColumn);
  const rows: RowsRequest = { where, sql: overrides.refreshSql };
  const isPlain = where === undefined && overrides.refreshSql === undefined && !watermark;
  const native = isPlain ? await loadNative(parts, session, signal) : undefined;
  const written = native ?? (await loadBatches({ parts, session, rows, watermark, newest }, signal));
  if (signal.aborted) throw cancelledError(component, signal);
  // Rows of another choice tell nothing of where the configured ones end: the next append reads them whole.
  const text = overrides.refreshSql === undefined ? watermark?.text : undefined;
  const refreshedAtMs = parts.now();
  const commit = () =>
    session.commit({
      refreshedAtMs,
      bootstrapComplete: true,
      ...(text === undefined ? {} : { watermark: text }),
    });
  await (redefine ? redefine.publish(commit) : commit());
  const isAppend = filters !== undefined;
  const newestAtMs = watermarkInstant(parts.timeColumn, text) ?? newest.instantMs;
  return {
    dataset,
    ...written,
    ...(newestAtMs === undefined ? {} : { newestAtMs, lagMs: Math.max(0, refreshedAtMs - newestAtMs) }),
    path: native === undefined ? 'batches' : 'native',
    mode: isAppend ? 'append' : 'full',
  };
}

function windowOf({ timeColumn, overlapMs = 0, dataWindowMs, now }: RefreshRunParts, watermark: string | undefined) {
  if (!timeColumn) return undefined;
  return toRefreshWindow({ column: timeColumn, nowMs: now(), watermark, overlapMs, dataWindowMs });
}

async function loadNative(
  { source }: RefreshRunParts,
  session: RefreshSession,
  signal: AbortSignal,
): Promise<WrittenRows | undefined> {
  if (!session.loadNative) return undefined;
  const relation = await source.nativeRelation(signal);
  if (!relation) return undefined;
  const columns = source.schema.fields.map((field) => field.name);
  const rowCount = await session.loadNative(relation, columns);
  return rowCount === undefined ? undefined : { rowCount };
}

/** What a refresh wrote. */
type WrittenRows = Pick<RefreshReport, 'rowCount' | 'byteCount'>;

interface BatchLoad {
  readonly parts: RefreshRunParts;
  readonly session: RefreshSession;
  readonly rows: RowsRequest;
  readonly watermark: Watermark | undefined;
  readonly newest: NewestTime;
}

async function loadBatches(load: BatchLoad, signal: AbortSignal): Promise<WrittenRows> {
  const { parts, session, rows, watermark, newest } = load;
  await using writer = await session.writer();
  const breather = createBreather(`dataset ${parts.dataset}`, signal);
  let rowCount = 0n;
  let byteCount = 0;
  for await (const batch of parts.source.batches(rows, signal)) {
    await watermark?.observe(batch, breather);
    await newest.observe(batch, breather);
    await writer.write(batch);
    rowCount += BigInt(batch.numRows);
    byteCount += batchByteCount(batch);
    parts.onRows?.(rowCount, byteCount);
  }
  await writer.finish();
  return { rowCount, byteCount };
}
