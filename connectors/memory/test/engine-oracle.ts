import { compileExpression, createValueReader, type LiteralLike, type RowValue } from '@millrace/arrow';
import {
  type DataType,
  type Expr,
  field,
  isMillraceError,
  type RecordBatch,
  type ScalarFunction,
} from '@millrace/core';
import { type BoundValue, type DuckDbDatabase, toDuckDbType } from '@millrace/duckdb';
import { columnFromValues } from '../src/column-from-values.ts';
import { toSql } from './expression-sql.ts';

/** A column of edge values under test. */
export interface EdgeColumn {
  readonly name: string;
  readonly type: DataType;
  readonly values: readonly LiteralLike[];
}

/** Builds a batch of columns of equal length. */
export function batchOf(columns: readonly EdgeColumn[]): RecordBatch {
  const numRows = columns[0]!.values.length;
  return {
    schema: { fields: columns.map(({ name, type }) => field(name, type)) },
    numRows,
    data: { children: columns.map(({ type, values }) => columnFromValues(type, numRows, (row) => values[row]!)) },
  };
}

/** Every pair of two lists, as columns `a` and `b`. */
export function pairs(a: Omit<EdgeColumn, 'name'>, b: Omit<EdgeColumn, 'name'>): RecordBatch {
  const combined = a.values.flatMap((left) => b.values.map((right) => [left, right] as const));
  return batchOf([
    { name: 'a', type: a.type, values: combined.map(([left]) => left) },
    { name: 'b', type: b.type, values: combined.map(([, right]) => right) },
  ]);
}

export function column(name: string, type: DataType): Expr {
  return { kind: 'column', path: [name], type };
}

export function literal(value: Extract<Expr, { kind: 'literal' }>['value'], type: DataType): Expr {
  return { kind: 'literal', value, type };
}

export function call(name: ScalarFunction, type: DataType, ...args: readonly Expr[]): Expr {
  return { kind: 'call', function: name, args, type };
}

/** What the evaluator makes of each row, as users see it; an error that a row raises is `raised`. */
export function evaluate(expr: Expr, batch: RecordBatch): readonly (RowValue | 'raised')[] | undefined {
  const compiled = compileExpression(expr, batch.schema);
  if (compiled === undefined) return undefined;
  const read = compiled.bind(batch);
  return Array.from({ length: batch.numRows }, (_, row) => {
    let value: LiteralLike;
    try {
      value = read(row);
    } catch (error) {
      if (isMillraceError(error) && error.code === 'invalid_data') return 'raised';
      throw error;
    }
    return createValueReader(columnFromValues(expr.type, 1, () => value))(0);
  });
}

/** What DuckDB makes of each row; an error that a row raises is `raised`. */
export async function runInEngine(
  database: DuckDbDatabase,
  expr: Expr,
  batch: RecordBatch,
): Promise<readonly (RowValue | 'raised')[]> {
  const relation = database.registerBatches({ schema: batch.schema, batches: [batch] });
  try {
    const parameters: BoundValue[] = [];
    const sql = toSql(expr, parameters, ({ type }) => toDuckDbType(field('value', type)));
    return await database.withConnection(async (connection) => {
      try {
        const rows = await connection.rows(`SELECT ${sql} FROM ${relation.sql}`, parameters);
        return rows.map(([value]) => value!);
      } catch {
        const rows: (RowValue | 'raised')[] = [];
        for (let row = 0; row < batch.numRows; row++) {
          try {
            const one = `SELECT ${sql} FROM (SELECT * FROM ${relation.sql} LIMIT 1 OFFSET ${row})`;
            rows.push((await connection.rows(one, parameters))[0]![0]!);
          } catch {
            rows.push('raised');
          }
        }
        return rows;
      }
    });
  } finally {
    relation.release();
  }
}
