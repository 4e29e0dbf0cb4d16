import { setTimeout as delay } from 'node:timers/promises';
import { cancelledError } from '@millrace/core';
import type { Session } from '@millrace/postgres';
import { refreshLock } from './presence.ts';
import type { TableNames } from './table-names.ts';

const FIRST_WAIT_MS = 20;
const LAST_WAIT_MS = 1_000;

/** Whose refresh waits for which lock. */
export interface LockRequest {
  readonly session: Session;
  readonly schema: string;
  readonly names: TableNames;
  readonly component: string;
  readonly signal: AbortSignal;
}

/**
 * Waits until no other process refreshes the definition, and has the session's transaction keep others out until it ends. It asks again and again,
 * as a statement that waited would have to be cancelled at the server.
 *
 * @throws MillraceError `cancelled`, and what the server reports.
 */
export async function takeRefreshLock({ session, schema, names, component, signal }: LockRequest): Promise<void> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LAST_WAIT_MS)) {
    const sql = `SELECT pg_try_advisory_xact_lock(${refreshLock(schema, names)}) AS taken`;
    const [row] = await session.run<{ readonly taken: boolean }>(sql);
    if (row?.taken === true) return;
    try {
      await delay(waitMs, undefined, { signal });
    } catch {
      throw cancelledError(component, signal);
    }
  }
}
