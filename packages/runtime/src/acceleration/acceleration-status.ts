import { statSync } from 'node:fs';
import type { Checkpoint } from '@millrace/core';
import { describeError, errorCodeOf } from '../observability/describe-error.ts';
import type { LastRefresh } from '../observability/refresh-journal.ts';
import type { TimeColumn } from './time-column.ts';
import { watermarkInstant } from './watermark-instant.ts';

/** Where an accelerated dataset stands. */
export type AccelerationState = 'loading' | 'ready' | 'refreshing' | 'error';

/** The state of an accelerated dataset at one moment. */
export interface AccelerationStatus {
  /** `error`: the last refresh failed; the rows of the one before keep being served, if there was one. */
  readonly state: AccelerationState;
  readonly rowCount?: bigint;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly refreshedAtMs?: number;
  /** By how much that is in the past, by the clock of the runtime. */
  readonly ageMs?: number;
  /** The newest time of the rows, known as {@link RefreshReport.newestAtMs} is; after a restart only where refreshes are appends. */
  readonly newestAtMs?: number;
  /** By how much that is in the past now; 0 for a time to come. */
  readonly lagMs?: number;
  /** Bytes of the file that holds the copy, and whatever else is kept in it. */
  readonly fileByteCount?: number;
  /** What the last refresh that succeeded in this process did. */
  readonly lastRefresh?: LastRefresh;
  /** When it is refreshed by itself again; milliseconds since 1970-01-01 UTC. */
  readonly nextRefreshAtMs?: number;
  readonly lastError?: string;
  /** The code of that error; `internal` for one that is no MillraceError. */
  readonly lastErrorCode?: string;
}

/** What a status tells of. */
export interface CopyState {
  readonly state: AccelerationState;
  readonly checkpoint: Checkpoint | undefined;
  /** The column that the watermark of appends is of. */
  readonly timeColumn: TimeColumn | undefined;
  readonly filePath: string | undefined;
  readonly last: LastRefresh | undefined;
  readonly nextRefreshAtMs: number | undefined;
  readonly error: unknown;
  readonly nowMs: number;
}

/** Puts the status of a copy together. */
export function toAccelerationStatus(copy: CopyState): AccelerationStatus {
  const { state, checkpoint, last, nextRefreshAtMs, error } = copy;
  return {
    state,
    ...(checkpoint ? describeRows(copy, checkpoint) : {}),
    ...(last ? { lastRefresh: last } : {}),
    ...(nextRefreshAtMs === undefined ? {} : { nextRefreshAtMs }),
    ...(error === undefined ? {} : { lastError: describeError(error), lastErrorCode: errorCodeOf(error) }),
  };
}

function describeRows(copy: CopyState, { rowCount, refreshedAtMs, watermark }: Checkpoint) {
  const { timeColumn, filePath, last, nowMs } = copy;
  const newestAtMs = watermarkInstant(timeColumn, watermark) ?? last?.newestAtMs;
  const fileByteCount = filePath === undefined ? undefined : statSync(filePath, { throwIfNoEntry: false })?.size;
  return {
    rowCount,
    refreshedAtMs,
    ageMs: Math.max(0, nowMs - refreshedAtMs),
    ...(newestAtMs === undefined ? {} : { newestAtMs, lagMs: Math.max(0, nowMs - newestAtMs) }),
    ...(fileByteCount === undefined ? {} : { fileByteCount }),
  };
}
