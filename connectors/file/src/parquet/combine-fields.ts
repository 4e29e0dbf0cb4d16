import { type Field, isMillraceError, TypeId } from '@millrace/core';
import { type DuckDbConnection, toDuckDbType } from '@millrace/duckdb';
import { typedNullsSql } from '../table-function.ts';

/**
 * The field that holds the values of both: what DuckDB makes of a union of them. Undefined where that would turn values of different
 * kinds into text.
 */
export async function combineFields(
  connection: DuckDbConnection,
  left: Field,
  right: Field,
): Promise<Field | undefined> {
  const types = [toDuckDbType(left), toDuckDbType(right)];
  if (types[0] === types[1]) return left;
  const union = types.map((type) => typedNullsSql([{ name: left.name, type }])).join(' UNION ALL ');
  try {
    const [field] = (await connection.describe(union)).fields;
    return field && isText(field) && !(isText(left) && isText(right)) ? undefined : field;
  } catch (error) {
    if (isMillraceError(error) && error.code === 'sql_error') return undefined;
    throw error;
  }
}

function isText({ type }: Field): boolean {
  return type.typeId === TypeId.Utf8 || type.typeId === TypeId.Dictionary;
}
