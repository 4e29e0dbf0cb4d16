import {
  isVolatile,
  type RecordBatch,
  type ScanContext,
  type ScanRequest,
  type Schema,
  type TableProvider,
} from '@millrace/core';
import { canRaise, quoteIdentifier, toConjunctionSql, toExpressionSql } from '@millrace/duckdb';

/** What a {@link createQueriedTable} reads. */
export interface QueriedTableParts {
  /** The columns of the rows, in the types that the query engine gives them. */
  readonly schema: Schema;
  /** The rows in words, for explanations. */
  readonly label: string;
  /** A SELECT of the rows, asked for at every scan. */
  readonly select: () => Promise<string>;
  readonly query: (sql: string, context: ScanContext) => Promise<AsyncIterable<RecordBatch>>;
}

/** A table whose rows are those of a query. Filters that can be said in SQL are exact; columns, filters and nothing else are pushed down. */
export function createQueriedTable({ schema, label, select, query }: QueriedTableParts): TableProvider {
  return {
    schema,
    tableType: 'view',
    scan: async (request) => {
      const planned: Schema = { fields: request.projection.map((ordinal) => fieldAt(schema, ordinal)) };
      const { where, degrees } = toWhere(schema, request);
      const columns = planned.fields.map(({ name }) => quoteIdentifier(name));
      // A statement has a column; without any in the scan, one of nulls carries the count of rows.
      const list = columns.length === 0 ? 'NULL' : columns.join(', ');
      const rows = await select();
      const sql = `SELECT ${list} FROM (\n${rows}\n) AS __millrace_rows${where === undefined ? '' : ` WHERE ${where}`}`;
      return {
        schema: planned,
        applied: { filters: degrees },
        partitions: [{ id: 0, detail: null }],
        async *execute(_, context) {
          for await (const { numRows, data } of await query(sql, context))
            yield { schema: planned, numRows, data: { children: planned.fields.length === 0 ? [] : data.children } };
        },
        explain: () => ({ source: label, statement: sql }),
      };
    },
  };
}

function toWhere(schema: Schema, { filters }: ScanRequest) {
  const fieldOf = (path: readonly string[]) =>
    path.length === 1 ? schema.fields.find(({ name }) => name === path[0]) : undefined;
  // One that can raise is left to the engine, which knows what has ruled a row out before it.
  const written = filters.map((expr) => {
    const sql = isVolatile(expr) || canRaise(expr) ? undefined : toExpressionSql(expr, fieldOf);
    return { expr, sql };
  });
  return {
    where: toConjunctionSql(written.flatMap(({ expr, sql }) => (sql === undefined ? [] : [{ expr, sql }]))),
    degrees: written.map(({ sql }) => (sql === undefined ? ('none' as const) : ('exact' as const))),
  };
}

function fieldAt({ fields }: Schema, ordinal: number): Schema['fields'][number] {
  const field = fields[ordinal];
  if (!field) throw new TypeError(`the table has no column ${ordinal}`);
  return field;
}
