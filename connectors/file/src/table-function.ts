import { dataTypes, type Field } from '@millrace/core';
import { quoteIdentifier, toDuckDbType, toSqlLiteral } from '@millrace/duckdb';

/** How one file is read: a table function of DuckDB with its options, and what it yields. */
export interface ReadShape {
  readonly function: 'read_csv' | 'read_json' | 'read_parquet';
  /** The options in SQL, without the list of files. */
  readonly options: Readonly<Record<string, string>>;
  /** The columns that come out, in order; columns of hive partitions apart. */
  readonly fields: readonly Field[];
  /** True where the types that come out depend on the files of a call, so that each column has to be cast. */
  readonly typesVary?: true;
}

/** A text as a literal of SQL. */
export function sqlText(text: string): string {
  return toSqlLiteral(text, dataTypes.utf8());
}

/** A path as a literal of SQL that means this one file, whatever characters of a glob its name holds. */
export function fileText(path: string): string {
  return sqlText(path.replace(/[*?[]/g, '[$&]'));
}

/** A struct of texts by name, the form in which DuckDB takes columns with their types. */
export function sqlTypes(fields: readonly Field[]): string {
  return `{${fields.map((field) => `${sqlText(field.name)}: ${sqlText(toDuckDbType(field))}`).join(', ')}}`;
}

/** The call that reads files, for a FROM clause. */
export function callSql(shape: Pick<ReadShape, 'function' | 'options'>, files: readonly string[]): string {
  const list = `[${files.map(fileText).join(', ')}]`;
  const options = Object.entries(shape.options).map(([name, value]) => `, ${name} = ${value}`);
  return `${shape.function}(${list}${options.join('')})`;
}

/** A SELECT of constants with the columns' names and types, of which the engine can tell the schema. */
export function typedNullsSql(columns: readonly { readonly name: string; readonly type: string }[]): string {
  return `SELECT ${columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteIdentifier(name)}`).join(', ')}`;
}

/** Tells whether DuckDB would take the path for a pattern. */
export function hasGlobCharacters(file: string): boolean {
  return /[*?[]/.test(file);
}
