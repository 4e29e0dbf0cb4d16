import type { DuckDbConnection } from '@millrace/duckdb';

/**
 * Takes back what a connection's transaction has done. A COMMIT that failed has ended the transaction itself, and DuckDB refuses to end it again;
 * where another reason kept it open, the next BEGIN says so.
 */
export async function rollBack(connection: DuckDbConnection): Promise<void> {
  await connection.run('ROLLBACK').catch(() => undefined);
}
