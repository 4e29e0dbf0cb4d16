import type { Field } from '@millrace/core';
import type { DuckDbConnection } from '@millrace/duckdb';
import type { FileVersion } from '../file-version.ts';
import { callSql, fileText } from '../table-function.ts';

/** What in the footer decides the columns that DuckDB makes of a file. */
const FOOTER_COLUMNS =
  'name, type, type_length, repetition_type, num_children, converted_type, scale, precision, logical_type';

/** The columns of each Parquet file, in the order of the files. Files whose footers say the same are described once. */
export async function describeFiles(
  connection: DuckDbConnection,
  files: readonly FileVersion[],
): Promise<readonly (readonly Field[])[]> {
  const signatures = await readSignatures(connection, files);
  const described = new Map<string, readonly Field[]>();
  const found: (readonly Field[])[] = [];
  for (const { path } of files) {
    const signature = signatures.get(path) ?? path;
    const fields = described.get(signature) ?? (await describeFile(connection, path));
    described.set(signature, fields);
    found.push(fields);
  }
  return found;
}

async function readSignatures(
  connection: DuckDbConnection,
  files: readonly FileVersion[],
): Promise<ReadonlyMap<string, string>> {
  if (files.length === 1) return new Map();
  const list = files.map(({ path }) => fileText(path)).join(', ');
  const entry = `to_json(row(${FOOTER_COLUMNS}))::VARCHAR`;
  const entries = `SELECT file_name, ${entry} AS entry, row_number() OVER () AS place FROM parquet_schema([${list}])`;
  const rows = await connection.rows(
    `SELECT file_name, md5(string_agg(entry, '' ORDER BY place)) FROM (${entries}) GROUP BY file_name`,
  );
  return new Map(rows.map(([file, signature]) => [String(file), String(signature)]));
}

async function describeFile(connection: DuckDbConnection, path: string): Promise<readonly Field[]> {
  const call = callSql({ function: 'read_parquet', options: { hive_partitioning: 'false' } }, [path]);
  return (await connection.describe(`SELECT * FROM ${call}`)).fields;
}
