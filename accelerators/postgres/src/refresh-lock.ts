import type { Session } from '@millrace/postgres';
import { refreshLock } from './presence.ts';
import type { StoreUse } from './store.ts';
import type { TableNames } from './table-names.ts';
import { takeLock } from './take-lock.ts';

/** Whose refresh waits for which lock. */
export interface LockRequest extends StoreUse {
  readonly session: Session;
  readonly schema: string;
  readonly names: TableNames;
}

/**
 * Waits until no other process refreshes the definition, and has the session's transaction keep others out until it ends.
 *
 * @throws MillraceError `cancelled`, and what the server reports.
 */
export async function takeRefreshLock({ session, schema, names, ...use }: LockRequest): Promise<void> {
  const sql = `SELECT pg_try_advisory_xact_lock(${refreshLock(schema, names)}) AS taken`;
  await takeLock(use, async () => (await session.run<{ readonly taken: boolean }>(sql))[0]?.taken === true);
}
