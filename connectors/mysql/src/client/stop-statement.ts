import type { Connection } from 'mysql2';
import type { MysqlSettings } from '../mysql-settings.ts';
import type { BorrowedSocket } from '../wire/borrowed-socket.ts';
import type { StatementRun } from '../wire/statement-run.ts';
import { openConnection } from './open-connection.ts';
import { runQuery } from './run-query.ts';

/** How long stopping may take before the connection is ended instead. */
const PATIENCE_MS = 900;

/** A statement that is to end before its rows have been read. */
export interface StopRequest {
  readonly connection: Connection;
  readonly socket: BorrowedSocket;
  readonly run: StatementRun;
  readonly settings: MysqlSettings;
}

/**
 * Ends a statement at the server with KILL QUERY from a connection of its own, which no exhausted pool can keep waiting.
 *
 * The statement's connection stays with its user until the server has confirmed the KILL and sent the statement's end, and it is then probed,
 * as a KILL that came too late hits the next statement: so it can never be somebody else's. Whatever takes too long makes it `dirty`, which means that it is to be closed.
 */
export async function stopStatement(request: StopRequest): Promise<'clean' | 'dirty'> {
  const { connection, socket, run } = request;
  if (!run.isDone) {
    const stopped = await within(PATIENCE_MS, Promise.all([killQuery(request), run.drain()]));
    if (!stopped) {
      socket.giveBack();
      return 'dirty';
    }
  }
  if (socket.giveBack() === 'dirty') return 'dirty';
  return (await within(PATIENCE_MS, probe(connection))) ? 'clean' : 'dirty';
}

async function killQuery({ connection, settings }: StopRequest): Promise<void> {
  const killer = await openConnection({
    ...settings,
    connectTimeoutMs: Math.min(settings.connectTimeoutMs, PATIENCE_MS),
  });
  killer.on('error', () => undefined);
  try {
    await runQuery(killer, `KILL QUERY ${Number(connection.threadId)}`);
  } finally {
    killer.destroy();
  }
}

/** The first statement may still be hit; the second may not. */
async function probe(connection: Connection): Promise<void> {
  await runQuery(connection, 'DO 0').catch(() => undefined);
  await runQuery(connection, 'DO 0');
}

/** True when the work succeeds in time. Its failure is no news: the connection is ended then. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  try {
    return await Promise.race([work.then(() => true).catch(() => false), late]);
  } finally {
    clearTimeout(timer);
  }
}
