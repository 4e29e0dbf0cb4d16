import { checkpointTable, quoteText } from './checkpoint-table.ts';
import { presenceLock } from './presence.ts';
import type { Store, StoreUse } from './store.ts';
import type { TableNames } from './table-names.ts';

interface OtherRow {
  readonly definition: string;
}

/** Forgets the dataset's rows of other definitions, but for those that a process has open. Never fails: the next refresh tries again. */
export async function retireDefinitions(store: Store, names: TableNames, use: StoreUse): Promise<void> {
  const { schema, client } = store;
  const { dataset, definition } = names;
  const others = `FROM ${checkpointTable(schema)} WHERE dataset = ${quoteText(dataset)} AND definition <> ${quoteText(definition)}`;
  try {
    const rows = await client.use(use, (session) => session.run<OtherRow>(`SELECT definition ${others}`));
    if (rows.length === 0) return;
    await store.write(use, async (session) => {
      for (const other of rows) {
        const lock = presenceLock(schema, { dataset, definition: other.definition });
        const [row] = await session.run<{ readonly taken: boolean }>(
          `SELECT pg_try_advisory_xact_lock(${lock}) AS taken`,
        );
        if (row?.taken === true) await session.run(`DELETE ${others} AND definition = ${quoteText(other.definition)}`);
      }
    });
  } catch {
    // They are in nobody's way.
  }
}
