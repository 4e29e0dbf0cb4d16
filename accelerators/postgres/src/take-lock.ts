import { setTimeout as delay } from 'node:timers/promises';
import { cancelledError } from '@millrace/core';
import type { StoreUse } from './store.ts';

const FIRST_WAIT_MS = 20;
const LAST_WAIT_MS = 1_000;

/**
 * Tries again and again until a lock is taken, as a statement that waited for it would have to be cancelled at the server.
 *
 * @throws MillraceError `cancelled`, and what `tryOnce` throws.
 */
export async function takeLock({ component, signal }: StoreUse, tryOnce: () => Promise<boolean>): Promise<void> {
  for (let waitMs = FIRST_WAIT_MS; !(await tryOnce()); waitMs = Math.min(waitMs * 2, LAST_WAIT_MS)) {
    try {
      await delay(waitMs, undefined, { signal });
    } catch {
      throw cancelledError(component, signal);
    }
  }
}
