import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import { type Field, MillraceError } from '@millrace/core';
import { toLogicalType } from './to-logical-type.ts';

/**
 * The type of an Arrow field as DuckDB's SQL spells it, for example `DECIMAL(10,2)` or `STRUCT("a" INTEGER, "b" VARCHAR[])`.
 *
 * @throws MillraceError `unsupported_type` where {@link toLogicalType} does, and for structs with an unnamed field, which SQL
 * cannot spell.
 */
export function toDuckDbType(field: Field): string {
  return sqlTypeText(toLogicalType(field));
}

/** The SQL text of a DuckDB type, with every name quoted; a user's alias of a type is resolved. */
export function sqlTypeText(type: DuckDBType): string {
  switch (type.typeId) {
    case DuckDBTypeId.DECIMAL:
      return `DECIMAL(${type.width},${type.scale})`;
    case DuckDBTypeId.ENUM:
      return `ENUM(${type.values.map(quoteText).join(', ')})`;
    case DuckDBTypeId.LIST:
      return `${sqlTypeText(type.valueType)}[]`;
    case DuckDBTypeId.ARRAY:
      return `${sqlTypeText(type.valueType)}[${type.length}]`;
    case DuckDBTypeId.MAP:
      return `MAP(${sqlTypeText(type.keyType)}, ${sqlTypeText(type.valueType)})`;
    case DuckDBTypeId.STRUCT:
      return `STRUCT(${members(type.entryNames, type.entryTypes)})`;
    case DuckDBTypeId.UNION:
      return `UNION(${members(type.memberTags, type.memberTypes)})`;
    case DuckDBTypeId.GEOMETRY:
      return type.crs === undefined ? 'GEOMETRY' : `GEOMETRY(${quoteText(type.crs)})`;
    case DuckDBTypeId.VARCHAR:
      return type.alias === 'JSON' ? 'JSON' : 'VARCHAR';
    case DuckDBTypeId.SQLNULL:
      return '"NULL"';
    case DuckDBTypeId.TIME_TZ:
      return 'TIME WITH TIME ZONE';
    case DuckDBTypeId.TIMESTAMP_TZ:
      return 'TIMESTAMP WITH TIME ZONE';
    default:
      return DuckDBTypeId[type.typeId];
  }
}

function members(names: readonly string[], types: readonly DuckDBType[]): string {
  return types
    .map((type, index) => {
      const name = names[index] ?? '';
      if (name === '') {
        throw new MillraceError({
          code: 'unsupported_type',
          component: 'duckdb',
          message: 'a struct has an unnamed field, which a table cannot hold',
          hint: 'Name the fields, for example with struct_pack(a := …) instead of row(…)',
        });
      }
      return `${quoteName(name)} ${sqlTypeText(type)}`;
    })
    .join(', ');
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
