import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDbDatabase, isDuckDbDatabase, openDatabase } from '@millrace/duckdb';

/** The DuckDB instance that holds accelerated tables, while somebody uses it. */
export interface Engine {
  readonly database: DuckDbDatabase;
  /** Gives the instance back; one that belongs to the host is left as it is. */
  release(): Promise<void>;
}

interface OwnEngine {
  readonly opened: Promise<{ readonly database: DuckDbDatabase; readonly tempDirectory: string }>;
  userCount: number;
}

let own: OwnEngine | undefined;

/** The host's own instance where it offers one that this kit works on, else an instance that all accelerators here share. */
export async function acquireEngine(offered: object | undefined): Promise<Engine> {
  if (isDuckDbDatabase(offered)) return { database: offered, release: async () => {} };
  own ??= { opened: openOwn(), userCount: 0 };
  const engine = own;
  engine.userCount += 1;
  let isReleased = false;
  const release = async (): Promise<void> => {
    if (isReleased) return;
    isReleased = true;
    engine.userCount -= 1;
    if (engine.userCount > 0) return;
    if (own === engine) own = undefined;
    const { database, tempDirectory } = await engine.opened;
    await database.close();
    await rm(tempDirectory, { recursive: true, force: true });
  };
  try {
    return { database: (await engine.opened).database, release };
  } catch (error) {
    if (own === engine) own = undefined;
    throw error;
  }
}

async function openOwn(): Promise<{ readonly database: DuckDbDatabase; readonly tempDirectory: string }> {
  const tempDirectory = await mkdtemp(join(tmpdir(), 'millrace-accelerator-'));
  const database = await openDatabase({ path: ':memory:', component: 'accelerator duckdb', tempDirectory });
  return { database, tempDirectory };
}
