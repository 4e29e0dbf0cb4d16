import { requireCurrentRows, scanStatistics } from '@millrace/acceleration';
import {
  type Applied,
  type ExecutionPlan,
  isVolatile,
  type RecordBatch,
  type ScanContext,
  type ScanRequest,
  type Schema,
} from '@millrace/core';
import {
  canRaise,
  type DuckDbDatabase,
  quoteIdentifier,
  toConjunctionSql,
  toExpressionSql,
  toSortKeySql,
} from '@millrace/duckdb';
import { fieldFinder } from './field-finder.ts';
import { findIndexes } from './find-indexes.ts';

/** What is scanned. */
export interface TableScan {
  readonly component: string;
  readonly database: DuckDbDatabase;
  /** The table's public name, quoted. */
  readonly relation: string;
  readonly schema: Schema;
  /** Fails once the table may have other columns. */
  readonly requireSame: () => Promise<void>;
  /** Rows that the table has now. */
  readonly rowCount: bigint;
  readonly request: ScanRequest;
}

/**
 * Plans a scan as one statement: columns, filters, order, offset and limit, exact as far as the vocabulary can be said in SQL. A refresh
 * between planning and reading shows: a statement reads the version that is current when it starts.
 *
 * @throws MillraceError `unsupported` for an older version or a metadata column, as there are none.
 */
export function planTableScan(scan: TableScan): ExecutionPlan {
  const { component, schema, rowCount, request } = scan;
  requireCurrentRows(request, { component, connector: 'duckdb' });
  const { applied, clauses } = planClauses(scan);
  const planned: Schema = { fields: request.projection.map((ordinal) => fieldAt(schema, ordinal)) };
  const columns = planned.fields.map((field) => quoteIdentifier(field.name));
  // A statement has a column; without any in the scan, one of nulls carries the count of rows.
  const list = columns.length === 0 ? 'NULL' : columns.join(', ');
  const sql = [`SELECT ${list} FROM ${scan.relation}`, ...clauses].join(' ');
  return {
    schema: planned,
    applied,
    partitions: [{ id: 0, detail: null }],
    ...scanStatistics({ rowCount, request, applied }),
    execute: (_, context) => readStatement({ ...scan, sql, planned }, context),
    explain: () => ({ source: `duckdb ${component}`, statement: sql }),
    indexesUsed: ({ signal }) => findIndexes({ database: scan.database, sql, filters: request.filters, signal }),
  };
}

interface Clauses {
  readonly applied: Applied;
  readonly clauses: readonly string[];
}

function planClauses({ schema, request }: TableScan): Clauses {
  const { filters, sample, aggregate, order, offset, limit } = request;
  const fieldOf = fieldFinder(schema);
  const written = filters.map((expr) => ({
    expr,
    sql: sample || isVolatile(expr) ? undefined : toExpressionSql(expr, fieldOf),
  }));
  // One that can raise runs only behind all others: what a filter left to the engine would have ruled out must not raise here.
  const isComplete = written.every(({ sql }) => sql !== undefined);
  const pushed = written.map(({ expr, sql }) => (isComplete || !canRaise(expr) ? sql : undefined));
  const conjuncts = pushed.flatMap((sql, index) => (sql === undefined ? [] : [{ expr: filters[index]!, sql }]));
  const where = toConjunctionSql(conjuncts);
  const rowsDone = pushed.every((sql) => sql !== undefined) && !sample && !aggregate;
  const keys = aggregate
    ? []
    : (order ?? []).map((key) => (isVolatile(key.expr) ? undefined : toSortKeySql(key, fieldOf)));
  const ordered = order !== undefined && keys.length > 0 && keys.every((key) => key !== undefined);
  const bounded = rowsDone && (order === undefined || ordered);
  return {
    applied: {
      filters: pushed.map((sql) => (sql === undefined ? 'none' : 'exact')),
      ...(ordered ? { order: 'exact' } : {}),
      ...(bounded && offset !== undefined ? { offset: true } : {}),
      ...(bounded && limit !== undefined ? { limit: 'exact' } : {}),
    },
    clauses: [
      ...(where === undefined ? [] : [`WHERE ${where}`]),
      ...(ordered ? [`ORDER BY ${keys.join(', ')}`] : []),
      ...(bounded && limit !== undefined ? [`LIMIT ${limit}`] : []),
      ...(bounded && offset !== undefined ? [`OFFSET ${offset}`] : []),
    ],
  };
}

async function* readStatement(
  { database, requireSame, sql, planned }: TableScan & { readonly sql: string; readonly planned: Schema },
  { signal, batchRowCount }: ScanContext,
): AsyncGenerator<RecordBatch, void, undefined> {
  const connection = await database.connect();
  try {
    // What the statement reads was decided when it started.
    const stream = await connection.stream({ sql, signal, batchRowCount }).finally(requireSame);
    for await (const { numRows, data } of stream) {
      const children = planned.fields.length === 0 ? [] : data.children;
      yield { schema: planned, numRows, data: { children } };
    }
  } finally {
    await connection.close();
  }
}

function fieldAt({ fields }: Schema, ordinal: number): Schema['fields'][number] {
  const field = fields[ordinal];
  if (!field) throw new TypeError(`the table has no column ${ordinal}`);
  return field;
}
