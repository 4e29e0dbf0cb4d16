import duckdb, { type Result } from '@duckdb/node-bindings';

/** How many rows a statement inserted, updated, deleted or copied; 0 for any other, and for one with RETURNING. */
export async function changedRows(result: Result): Promise<bigint> {
  if (duckdb.result_statement_type(result) !== duckdb.StatementType.CREATE) {
    return BigInt(duckdb.rows_changed(result));
  }
  // CREATE TABLE AS counts its rows in its one column, and nowhere else; other kinds of CREATE have no row.
  const chunk = await duckdb.fetch_chunk(result);
  if (chunk === null || duckdb.data_chunk_get_size(chunk) === 0) {
    return 0n;
  }
  const bytes = duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk, 0), BigInt64Array.BYTES_PER_ELEMENT);
  return new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true);
}
