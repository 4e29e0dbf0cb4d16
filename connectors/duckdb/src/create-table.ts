import { type DataType, dataTypes, type NativeRelation, type TableProvider, TypeId } from '@millrace/core';
import { toSqlLiteral } from '@millrace/duckdb';
import { logOf, versionOf } from './file-version.ts';
import { relationSql } from './relation-sql.ts';
import { type DuckDbTable, planScan } from './scan.ts';

/** Creates the provider of a table or view; its schema is that of the description. */
export function createTable(table: DuckDbTable): TableProvider {
  const { description, file } = table;
  const names = new Set(description.schema.fields.map(({ name }) => name));
  return {
    schema: description.schema,
    tableType: description.tableType,
    source: `duckdb:${file.path}`,
    constraints: description.constraints.filter(
      (constraint) => constraint.kind !== 'check' && constraint.columns.every((name) => names.has(name)),
    ),
    properties: description.properties,
    scan: async (request, context) => planScan(table, request, context),
    nativeRelation: () => nativeRelation(table),
  };
}

/**
 * The table as an engine of DuckDB's own reads it. Views cannot be reached so, nor can a path with characters of a pattern; and a file that
 * has changed since is described anew by a scan first. Members of structs are left to scans: `read_duckdb` of DuckDB 1.5.5 reads them as NULL.
 *
 * For loads alone: a streamed query in which two joined tables are read twice by `read_duckdb` of DuckDB 1.5.5 never ends (TPC-H Q11).
 */
async function nativeRelation({
  description,
  file,
  isWhole,
  version,
}: DuckDbTable): Promise<NativeRelation | undefined> {
  if (description.tableType === 'view' || /[*?[\]{}]/.test(file.path)) return undefined;
  if (description.schema.fields.some(({ type }) => hasMembers(type))) return undefined;
  if ((await versionOf(file.path).catch(() => undefined)) !== version) return undefined;
  const { schemaName, table } = description.name;
  const [path, inSchema, name] = [file.path, schemaName, table].map((text) => toSqlLiteral(text, dataTypes.utf8()));
  const sql = relationSql({
    from: `read_duckdb(${path}, schema_name = ${inSchema}, table_name = ${name})`,
    fields: description.schema.fields,
    isWhole,
    mayCollate: description.mayCollate,
  });
  return { kind: 'sql', engine: 'duckdb', sql, paths: [file.path, logOf(file.path)], purpose: 'load' };
}

function hasMembers({ typeId, children }: DataType): boolean {
  if (typeId === TypeId.Struct || typeId === TypeId.Union) return true;
  return children?.some(({ type }) => hasMembers(type)) === true;
}
