import { requireDistinctNames } from '@millrace/acceleration';
import { type CreateTableCommand, type DataType, dataTypes, type Field, type Schema, TypeId } from '@millrace/core';
import { fromDuckDbType, quoteIdentifier, toDuckDbType, toLogicalType } from '@millrace/duckdb';

/**
 * The schema that readers of the table get: DuckDB's own type for each column, which holds every value of the source's exactly.
 *
 * Large and fixed-size forms become plain ones, dictionaries without declared members become their values, instants count
 * microseconds in UTC, durations become intervals, columns of nulls alone become integers. Names, nullability and metadata stay.
 *
 * @throws MillraceError `unsupported_type` for a type that DuckDB lacks, `unsupported` for names that differ only by case.
 */
export function toStoredSchema(command: CreateTableCommand): Schema {
  const { schema } = command;
  requireDistinctNames(command, { connector: 'duckdb', engineName: 'DuckDB', foldName: (name) => name.toLowerCase() });
  const fields = schema.fields.map((field): Field => {
    const stored = fromDuckDbType(field.name, toLogicalType(withoutNullType(field)));
    const metadata = new Map([...(field.metadata ?? []), ...(stored.metadata ?? [])]);
    return { ...stored, nullable: field.nullable, ...(metadata.size > 0 ? { metadata } : {}) };
  });
  return { fields, ...(schema.metadata ? { metadata: schema.metadata } : {}) };
}

/** The columns as `CREATE TABLE` takes them. */
export function columnDefinitions({ fields }: Schema): string {
  return fields
    .map((field) => `${quoteIdentifier(field.name)} ${toDuckDbType(field)}${field.nullable ? '' : ' NOT NULL'}`)
    .join(', ');
}

/** DuckDB can store a column of no type, and yet every result shows it as INTEGER. */
function withoutNullType(field: Field): Field {
  const { type } = field;
  if (type.typeId === TypeId.Null) return { ...plainField(field), type: dataTypes.int32() };
  return type.children?.length && !type.dictionary
    ? { ...plainField(field), type: { ...plainType(type), children: type.children.map(withoutNullType) } }
    : field;
}

// Copies of the members of core's interfaces: apache-arrow's are partly getters and on the prototype.

function plainField({ name, nullable, metadata }: Field): Omit<Field, 'type'> {
  return { name, nullable, ...(metadata ? { metadata } : {}) };
}

function plainType({ typeId, listSize, keysSorted, mode, typeIds }: DataType): DataType {
  return {
    typeId,
    ...(listSize === undefined ? {} : { listSize }),
    ...(keysSorted === undefined ? {} : { keysSorted }),
    ...(mode === undefined ? {} : { mode }),
    ...(typeIds === undefined ? {} : { typeIds }),
  };
}
