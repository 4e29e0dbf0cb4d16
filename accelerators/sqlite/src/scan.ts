import { requireCurrentRows, scanStatistics } from '@millrace/acceleration';
import { type ExecutionPlan, type Expr, type RecordBatch, type ScanRequest, type Schema, TypeId } from '@millrace/core';
import { type PlannedSelect, planSelect, type SourceColumn, type SqlTable } from '@millrace/sql';
import {
  CONTINUE_FUNCTION,
  createDialect,
  type Query,
  readRows,
  type ScanColumn,
  type ScanMetrics,
  type ScanOrder,
  type SqliteValue,
} from '@millrace/sqlite';
import { findIndexes } from './find-indexes.ts';
import { restoreBatches } from './restore-batch.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { SHORT_DIGITS, type StoredType, storedTypeOf } from './stored-type.ts';
import { quoted } from './table-names.ts';
import { createStoredProfile, storedForms, toSourceColumns } from './value-forms.ts';

const DEFAULT_BATCH_ROWS = 32_768;
/** Nested values are unpacked one by one on the main thread. */
const PACKED_BATCH_ROWS = 2_048;
/** A statement that yields no row for long asks about once in so many rows whether it shall go on. */
const ASK_MASK = 4_095;

/** What is scanned. */
export interface TableScan {
  readonly component: string;
  readonly file: SqliteFile;
  /** Name of the table's view. */
  readonly view: string;
  readonly schema: Schema;
  /** Fails once the table may have other columns. */
  readonly requireSame: () => Promise<void>;
  /** Rows that the table has now. */
  readonly rowCount: bigint;
  readonly metrics: ScanMetrics;
  readonly request: ScanRequest;
}

/**
 * Plans a scan as one statement: columns, filters, order, offset and limit, exact as far as they can be said of the storage. A statement reads
 * the version that is current when it starts, to its end.
 *
 * @throws MillraceError `unsupported` for an older version or a metadata column, as there are none.
 */
export function planTableScan(scan: TableScan): ExecutionPlan {
  const { component, file, view, schema, rowCount, request, metrics } = scan;
  requireCurrentRows(request, { component, connector: 'sqlite' });
  const planned = planSelect(toSqlTable({ view, schema, component }, request), request);
  const { applied } = planned;
  const mayBeSilent = applied.filters.some((degree) => degree !== 'none') || applied.order === 'exact';
  const where = { sql: `(random() & ${ASK_MASK} OR ${CONTINUE_FUNCTION}())`, parameters: [] };
  const statement = planned.statement(mayBeSilent ? where : undefined);
  const columns = planned.schema.fields.map(toScanColumn);
  const isPacked = planned.schema.fields.some(({ type }) => stored(type).isPacked);
  const restore = restoreBatches(planned.schema);
  return {
    schema: planned.schema,
    applied,
    partitions: [{ id: 0, detail: null }],
    ...(planned.ordering && { ordering: planned.ordering }),
    ...scanStatistics({ rowCount, request, applied }),
    execute: (_, { signal, batchRowCount = DEFAULT_BATCH_ROWS }) => {
      const order: ScanOrder = {
        query: toQuery(statement),
        columns,
        batchRowCount: isPacked ? Math.min(batchRowCount, PACKED_BATCH_ROWS) : batchRowCount,
      };
      const packed: Schema = {
        fields: planned.schema.fields.map((field) => ({ ...nameOf(field), type: stored(field.type).packed })),
      };
      const { pool } = file;
      const lease = () => pool.lease(component, signal);
      const rows = readRows({ pool, lease, order, schema: packed, component, signal, metrics });
      return restoreAll(rows, restore, scan.requireSame);
    },
    explain: () => ({ source: `sqlite ${component}`, statement: statement.sql, notes: planned.notes }),
    indexesUsed: ({ signal }) => findIndexes(file.pool, toQuery(statement), { component, signal }),
  };
}

function toQuery({ sql, parameters }: ReturnType<PlannedSelect['statement']>): Query {
  return { sql, parameters: parameters.map((parameter) => storedForms.toSqliteValue(parameter) as SqliteValue) };
}

/** A table of the database, as the SQL kit knows it, for what one request asks of it. */
export function toSqlTable(
  { view, schema, component }: Pick<TableScan, 'view' | 'schema' | 'component'>,
  request: Pick<ScanRequest, 'filters' | 'order'>,
): SqlTable {
  const columns = withoutMixedDecimals(toSourceColumns(schema), request);
  return {
    dialect: createDialect({ columns, isUtf8: true }, storedForms),
    profile: createStoredProfile(columns),
    from: quoted(view),
    columns,
    component,
  };
}

/** Short decimals are integers and long ones blobs: where one expression has both, SQLite could compare one with the other. */
function withoutMixedDecimals(
  columns: readonly SourceColumn[],
  { filters, order = [] }: Pick<ScanRequest, 'filters' | 'order'>,
): readonly SourceColumn[] {
  const isLong = ({ field: { type } }: SourceColumn): boolean =>
    type.typeId === TypeId.Decimal && ((type.precision ?? 38) > SHORT_DIGITS || type.bitWidth === 256);
  const mixed = new Set<string>();
  for (const expr of [...filters, ...order.map((key) => key.expr)]) {
    const used = namesIn(expr);
    const decimals = columns.filter(({ name, field }) => used.has(name) && field.type.typeId === TypeId.Decimal);
    const widths = new Set(decimals.map((column) => (isLong(column) ? (column.field.type.bitWidth ?? 128) : 64)));
    if (widths.size > 1) for (const column of decimals) if (isLong(column)) mixed.add(column.name);
  }
  if (mixed.size === 0) return columns;
  return columns.map((column) => (mixed.has(column.name) ? { ...column, isComparable: false } : column));
}

function namesIn(expr: Expr): ReadonlySet<string> {
  if (expr.kind === 'column') return new Set([expr.path[0]]);
  if (expr.kind === 'literal') return new Set();
  return new Set(expr.args.flatMap((arg) => [...namesIn(arg)]));
}

async function* restoreAll(
  batches: AsyncIterable<RecordBatch>,
  restore: (batch: RecordBatch) => RecordBatch,
  requireSame: () => Promise<void>,
): AsyncGenerator<RecordBatch, void, undefined> {
  const rows = batches[Symbol.asyncIterator]();
  try {
    // What the statement reads was decided when it started, some time before its first rows are here.
    const first = await rows.next().finally(requireSame);
    for (let next = first; next.done !== true; next = await rows.next()) yield restore(next.value);
  } finally {
    await rows.return?.();
  }
}

function toScanColumn({ name, type, nullable }: Schema['fields'][number]): ScanColumn {
  const { codec, declaration } = stored(type);
  return { name, sourceType: declaration, codec, nullable, onConflict: 'error', isHidden: false };
}

/** The type was checked when the table was opened. */
function stored(type: Schema['fields'][number]['type']): StoredType {
  return storedTypeOf(type) as StoredType;
}

function nameOf({ name, nullable }: Schema['fields'][number]): Pick<Schema['fields'][number], 'name' | 'nullable'> {
  return { name, nullable };
}
