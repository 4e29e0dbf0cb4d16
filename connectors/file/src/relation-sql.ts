import type { Field, Schema } from '@millrace/core';
import { quoteIdentifier, toDuckDbType } from '@millrace/duckdb';
import type { FileVersion } from './file-version.ts';
import { hiveOptions } from './hive-partitions.ts';
import { callSql, type ReadShape } from './table-function.ts';

/** One file and how it is read. */
export interface FileRead {
  readonly file: FileVersion;
  readonly shape: ReadShape;
}

/** The columns of a table over files. */
export interface FileColumns {
  /** All columns in order, those of hive partitions among them. */
  readonly schema: Schema;
  readonly hive: readonly Field[];
}

/**
 * A SELECT of exactly the table's columns out of the files, in the order of the files. Neighbours that are read alike share a
 * call; one call whose columns are the table's own stands by itself, so that the engine's own pushdown sees nothing in between.
 */
export function relationSql(reads: readonly FileRead[], columns: FileColumns): string {
  const groups: { readonly key: string; readonly shape: ReadShape; readonly files: string[] }[] = [];
  for (const { file, shape } of reads) {
    const key = JSON.stringify([shape.function, shape.options, shape.fields.map(columnKey)]);
    const last = groups.at(-1);
    if (last?.key === key) last.files.push(file.path);
    else groups.push({ key, shape, files: [file.path] });
  }
  return groups.map(({ shape, files }) => selectSql(shape, files, columns)).join(' UNION ALL ');
}

function selectSql(shape: ReadShape, files: readonly string[], { schema, hive }: FileColumns): string {
  const call = callSql({ ...shape, options: { ...shape.options, ...hiveOptions(hive) } }, files);
  const isWhole =
    hive.length === 0 &&
    shape.typesVary === undefined &&
    shape.fields.length === schema.fields.length &&
    shape.fields.every((field, index) => columnKey(field) === columnKey(schema.fields[index]!)) &&
    !shape.fields.some((field) => losesEqualBytes(shape, field));
  if (isWhole) return `SELECT * FROM ${call}`;
  const byName = new Map([...shape.fields, ...hive].map((field) => [field.name.toLowerCase(), field]));
  const list = schema.fields.map((field) => columnSql(field, byName.get(field.name.toLowerCase()), shape));
  return `SELECT ${list.join(', ')} FROM ${call}`;
}

function columnSql(field: Field, found: Field | undefined, shape: ReadShape): string {
  const { typesVary } = shape;
  const name = quoteIdentifier(field.name);
  const type = toDuckDbType(field);
  if (found === undefined) return `CAST(NULL AS ${type}) AS ${name}`;
  const source = quoteIdentifier(found.name);
  // Text cast to JSON would be read as JSON, and not become a JSON text.
  if (typesVary && type === 'JSON') return `to_json(${source}) AS ${name}`;
  if (typesVary || toDuckDbType(found) !== type) return `CAST(${source} AS ${type}) AS ${name}`;
  if (losesEqualBytes(shape, found)) return `${source} || ''::BLOB AS ${name}`;
  return found.name === field.name ? source : `${source} AS ${name}`;
}

/**
 * Tells whether an equality pushed into the reader loses rows: DuckDB 1.5.5 looks bytes up in a Parquet file's Bloom filter by their
 * escaped text, so that `= '\\x00'` finds nothing. Behind an expression the comparison is left to the engine.
 */
function losesEqualBytes({ function: reader }: ReadShape, field: Field): boolean {
  return reader === 'read_parquet' && toDuckDbType(field) === 'BLOB';
}

function columnKey(field: Field): string {
  return JSON.stringify([field.name, toDuckDbType(field)]);
}
