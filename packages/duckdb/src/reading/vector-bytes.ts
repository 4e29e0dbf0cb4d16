import duckdb, { type Vector } from '@duckdb/node-bindings';

const NOTHING: Uint8Array = new Uint8Array(0);

/** The first bytes of a vector's own data, as a view of DuckDB's memory; an empty vector may have none. */
export function vectorBytes(vector: Vector, byteCount: number): Uint8Array {
  return byteCount === 0 ? NOTHING : duckdb.vector_get_data(vector, byteCount);
}
