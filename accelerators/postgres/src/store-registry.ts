import type { ConnectionSettings } from '@millrace/postgres';
import { Store } from './store.ts';

/** A store in use; it is closed when its last user gives it back. */
export interface StoreLease {
  readonly store: Store;
  /** Idempotent. */
  release(): Promise<void>;
}

interface SharedStore {
  readonly store: Store;
  userCount: number;
}

/** Datasets that name the same server and schema share its connections; by their settings, which hold a secret and are never shown. */
const stores = new Map<string, SharedStore>();

/** The store of a server and schema. Opens no connection. */
export function acquireStore(settings: ConnectionSettings, schema: string): StoreLease {
  const key = JSON.stringify([settings, schema]);
  const found = stores.get(key) ?? { store: new Store(settings, schema), userCount: 0 };
  stores.set(key, found);
  found.userCount += 1;
  let released: Promise<void> | undefined;
  return {
    store: found.store,
    release: () => {
      released ??= (async () => {
        found.userCount -= 1;
        if (found.userCount > 0) return;
        if (stores.get(key) === found) stores.delete(key);
        await found.store.close();
      })();
      return released;
    },
  };
}
