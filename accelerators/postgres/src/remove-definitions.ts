import type { Session } from '@millrace/postgres';
import { checkpointTable, quoteText } from './checkpoint-table.ts';
import { presenceLock } from './presence.ts';
import type { Store } from './store.ts';

/** Which definitions of a dataset are removed. */
export interface RemovedDefinitions {
  readonly dataset: string;
  /** The one that stays. Default: none. */
  readonly except?: string;
}

/**
 * Forgets the dataset's rows of definitions that no process has open. Their tables go with the next sweep.
 *
 * @throws MillraceError for what the server reports.
 */
export async function removeDefinitions(
  store: Store,
  session: Session,
  { dataset, except }: RemovedDefinitions,
): Promise<void> {
  const { schema } = store;
  const kept = except === undefined ? '' : ` AND definition <> ${quoteText(except)}`;
  const from = `FROM ${checkpointTable(schema)} WHERE dataset = ${quoteText(dataset)}${kept}`;
  const rows = await session.run<{ readonly definition: string }>(`SELECT definition ${from}`);
  if (rows.length === 0) return;
  const removals = rows.map(({ definition }) => {
    const lock = presenceLock(schema, { dataset, definition });
    return `DELETE ${from} AND definition = ${quoteText(definition)} AND pg_try_advisory_xact_lock(${lock})`;
  });
  // In one round trip: whoever opens such a definition waits for the end of it, and not for this process.
  try {
    await session.run(['BEGIN READ WRITE', ...removals, 'COMMIT'].join('; '));
  } catch (error) {
    await session.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
