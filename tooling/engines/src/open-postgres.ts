import { sharedPostgres } from '@millrace/services';
import type { OpenedEngine } from './opened-engine.ts';

/** A database of its own on the shared server. */
export async function openPostgres(): Promise<OpenedEngine> {
  const { createDatabase } = await sharedPostgres();
  const { connectionString, drop } = await createDatabase();
  return { params: { pg_connection_string: connectionString, pg_sslmode: 'disable' }, close: drop };
}
