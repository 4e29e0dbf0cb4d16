import { type Expr, type Schema, TypeId } from '@millrace/core';
import { createDialect, parameterFormOf, type WireColumn } from '@millrace/postgres';
import type { BoundParameter, ColumnSemantics, SemanticsProfile, SqlTable } from '@millrace/sql';
import { storedNames } from './stored-schema.ts';
import { type StoredType, storedTypeOf } from './stored-type.ts';

const SAME: ColumnSemantics = { equality: 'same', order: 'same', pattern: 'same' };
const NULLS_ONLY: ColumnSemantics = { equality: 'unknown', order: 'unknown', pattern: 'unknown' };

/** A stored table as the SQL kit knows it. */
export interface StoredTable extends SqlTable {
  readonly columns: readonly WireColumn[];
  /** As what a bound value is sent; every value that the dialect binds has such a form. */
  formOf(parameter: BoundParameter): StoredType['form'];
}

/** What a stored table is made from. */
export interface StoredTableRequest {
  readonly schema: Schema;
  /** What stands behind FROM. */
  readonly from: string;
  readonly component: string;
}

/** A stored table, whose values compare as the engine's do: that is what their forms were chosen for. */
export function toStoredTable({ schema, from, component }: StoredTableRequest): StoredTable {
  const columns = toColumns(schema);
  const byName = new Map(columns.map((column) => [column.name, column]));
  const formOfType = (type: BoundParameter['type']): StoredType['form'] => storedTypeOf(type)?.form;
  return {
    columns,
    from,
    component,
    dialect: createDialect(byName, formOfType),
    profile: createProfile(byName),
    formOf: (parameter) => parameterFormOf(parameter, byName, formOfType),
  };
}

function toColumns(schema: Schema): readonly WireColumn[] {
  const names = storedNames(schema);
  return schema.fields.map((field, ordinal) => {
    const { sqlType, wire, form } = storedTypeOf(field.type) as StoredType;
    return {
      name: names[ordinal]!,
      field,
      sourceType: sqlType,
      wire,
      ...(sqlType.startsWith('text') && { collation: 'C' }),
      isComparable: form !== undefined,
    };
  });
}

function createProfile(columns: ReadonlyMap<string, WireColumn>): SemanticsProfile {
  return {
    column: ({ name }) => (columns.get(name)?.isComparable === true ? SAME : NULLS_ONLY),
    nan: 'same',
    infinity: 'same',
    infiniteTime: 'same',
    isEqualFunction: (name, args) => name === 'length' && args.length === 1 && isText(args[0]!),
  };
}

/** Lengths are counted in characters by both. */
function isText(expr: Expr): boolean {
  return expr.kind === 'column' && (expr.type.typeId === TypeId.Utf8 || expr.type.typeId === TypeId.LargeUtf8);
}
