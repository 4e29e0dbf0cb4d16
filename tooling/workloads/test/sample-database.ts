import { takeRows } from '@millrace/arrow';
import { type DuckDbDatabase, loadBatches, openDatabase, quoteIdentifier, toDuckDbType } from '@millrace/duckdb';
import type { SampleTable } from '../src/queries/sample-tables.ts';

/** The order in which rows are stored, which no result may depend on. */
export type StoredOrder = 'given' | 'reversed';

/** A database that holds the tables; the caller closes it. */
export async function openSamples(
  tables: readonly SampleTable[],
  { order, threads }: { readonly order: StoredOrder; readonly threads: number },
): Promise<DuckDbDatabase> {
  const database = await openDatabase({ path: ':memory:', threads });
  await database.withConnection(async (connection) => {
    for (const { name, schema, batches } of tables) {
      const target = quoteIdentifier(name);
      const columns = schema.fields.map((field) => `${quoteIdentifier(field.name)} ${toDuckDbType(field)}`);
      await connection.run(`CREATE TABLE ${target} (${columns.join(', ')})`);
      await loadBatches({ connection, target, schema, batches: order === 'given' ? batches : reversed(batches) });
    }
  });
  return database;
}

function reversed(batches: SampleTable['batches']): SampleTable['batches'] {
  return batches.toReversed().map((batch) =>
    takeRows(
      batch,
      Array.from({ length: batch.numRows }, (_, row) => batch.numRows - 1 - row),
    ),
  );
}
