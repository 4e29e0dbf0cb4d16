import { compileExpression, createNullTest, type LiteralLike, sliceBatch, typesEqual } from '@millrace/arrow';
import {
  type ColumnData,
  type DataType,
  type Expr,
  type Field,
  MillraceError,
  type RecordBatch,
  type Schema,
} from '@millrace/core';
import { columnFromValues } from './column-from-values.ts';

/** Rows that a chunk holds at most; DuckDB's row group, so that native loads take a chunk in one step. */
const MAX_CHUNK_ROWS = 122_880;

/** How batches that are given become batches of a table. */
export interface Conformer {
  /** Zero-copy where no column has to be made; cut to at most 122,880 rows. @throws MillraceError `integrity` for a null where none may be. */
  conform(batch: RecordBatch): readonly RecordBatch[];
}

/**
 * Matches the columns of a source schema to a table's by name, once.
 *
 * @throws MillraceError `schema_mismatch` for a column that the table has not, or has with another type; `integrity` for a missing
 * column that may not be null and has no default.
 */
export function createConformer(request: {
  readonly table: string;
  readonly source: Schema;
  readonly target: Schema;
  readonly defaults: Readonly<Record<string, Expr>>;
}): Conformer {
  const { table, source, target, defaults } = request;
  const unknown = source.fields.find((field) => !target.fields.some((known) => known.name === field.name));
  if (unknown !== undefined) throw mismatch(table, `there is no column ${unknown.name}`);
  const plan = target.fields.map((field) => {
    const ordinal = source.fields.findIndex((given) => given.name === field.name);
    if (ordinal >= 0) {
      if (!typesEqual(source.fields[ordinal]!.type, field.type))
        throw mismatch(table, `column ${field.name} is given with another type than the table has`);
      return { field, ordinal, value: null };
    }
    const value = defaultValue(table, field, defaults[field.name]);
    if (value === null && !field.nullable) throw notNull(table, field.name);
    return { field, ordinal, value };
  });
  return {
    conform(batch) {
      const children = plan.map(({ field, ordinal, value }) => {
        if (ordinal < 0) return constantColumn(field.type, value, batch.numRows);
        const column = batch.data.children[ordinal]!;
        if (!field.nullable && hasNull(column)) throw notNull(table, field.name);
        return column;
      });
      return cut({ schema: target, numRows: batch.numRows, data: { children } });
    },
  };
}

/** A column that has the same value, in the form of a literal, in every row. */
export function constantColumn(type: DataType, value: LiteralLike, rowCount: number): ColumnData {
  return columnFromValues(type, rowCount, () => value);
}

/** The value of a default, which may not depend on columns. @throws MillraceError `unsupported` where it cannot be computed here. */
export function defaultValue(table: string, field: Field, expr: Expr | undefined): LiteralLike {
  if (expr === undefined) return null;
  const compiled = compileExpression(expr, { fields: [] });
  if (compiled !== undefined && typesEqual(compiled.type, field.type))
    return compiled.bind({ schema: { fields: [] }, numRows: 1, data: { children: [] } })(0);
  if (expr.kind === 'literal' && expr.value === null) return null;
  throw new MillraceError({
    code: 'unsupported',
    component: `table ${table}`,
    connector: 'memory',
    message: `the default of column ${field.name} cannot be computed in memory`,
    hint: `Give a literal of the column's own type`,
  });
}

/** True when some row is null. */
export function hasNull(column: ColumnData): boolean {
  if (column.nullCount === 0) return false;
  const isNull = createNullTest(column);
  for (let row = 0; row < column.length; row++) if (isNull(row)) return true;
  return false;
}

/** The error of a null in a column that may not hold one. */
export function notNull(table: string, column: string): MillraceError {
  return new MillraceError({
    code: 'integrity',
    component: `table ${table}`,
    connector: 'memory',
    message: `column ${column} is declared not null and would get a null`,
    hint: 'Give a value, a default, or make the column nullable',
  });
}

function mismatch(table: string, message: string): MillraceError {
  return new MillraceError({
    code: 'schema_mismatch',
    component: `table ${table}`,
    connector: 'memory',
    message,
    hint: 'Name and type the columns as the table does; what is left out takes its default or null',
  });
}

function cut(batch: RecordBatch): readonly RecordBatch[] {
  if (batch.numRows <= MAX_CHUNK_ROWS) return batch.numRows === 0 ? [] : [batch];
  const parts: RecordBatch[] = [];
  for (let start = 0; start < batch.numRows; start += MAX_CHUNK_ROWS)
    parts.push(sliceBatch(batch, start, Math.min(start + MAX_CHUNK_ROWS, batch.numRows)));
  return parts;
}
