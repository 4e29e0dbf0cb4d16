import {
  type Applied,
  dataTypes,
  type ExecutionPlan,
  type Expr,
  type Partition,
  type ScanContext,
  type ScanRequest,
  type Schema,
  type Statistics,
} from '@millrace/core';
import { type PlannedSelect, planSelect, type SqlTable, type SqlText } from '@millrace/sql';
import {
  CONTINUE_FUNCTION,
  classifySqliteError,
  createDialect,
  createProfile,
  quoteIdentifier,
  readRows,
  type ScanColumn,
  type ScanMetrics,
  type ScanOrder,
  type SqliteValue,
  type WorkerPool,
} from '@millrace/sqlite';
import { type DayRange, dayRangeOf } from './day-range.ts';
import type { TableColumn, TableDescription } from './describe-table.ts';
import { type RowIdRange, type RowIdSplit, splitRowIds } from './row-id-ranges.ts';
import { SnapshotGroup } from './snapshot-group.ts';
import { valueForms } from './value-forms.ts';

const DEFAULT_BATCH_ROWS = 32_768;
/** A statement that yields no row for long asks once in so many rows whether it shall go on. */
const ASK_MASK = 4_095;

/** A table that can be scanned. */
export interface SqliteTable {
  readonly pool: WorkerPool;
  readonly description: TableDescription;
  readonly component: string;
  readonly metrics: ScanMetrics;
}

/** Plans a scan: one SELECT, or several over ranges of row ids that see one snapshot. */
export async function planScan(table: SqliteTable, request: ScanRequest, context: ScanContext): Promise<ExecutionPlan> {
  const { description, pool, component } = table;
  const { columns } = description;
  const hidden = checkedColumns(columns, request);
  const planned = planSelect(toSqlTable(table), { ...request, projection: [...request.projection, ...hidden] });
  // Behind a sample every filter is residual.
  const dayRanges = request.sample ? [] : request.filters.map((filter) => dayRangeOf(filter, description));
  const applied: Applied = {
    ...planned.applied,
    filters: planned.applied.filters.map((degree, index) =>
      degree === 'none' && dayRanges[index] !== undefined ? 'inexact' : degree,
    ),
  };
  const days = dayRanges.filter((range, index) => range !== undefined && planned.applied.filters[index] === 'none');
  const schema: Schema = { fields: planned.schema.fields.slice(0, request.projection.length) };
  const isPlain = applied.filters.every((degree) => degree === 'none') && applied.order !== 'exact';
  const mayBeSilent = description.tableType === 'view' || !isPlain;
  const isDivisible = isPlain && !planned.needsOnePartition;
  const split: RowIdSplit = isDivisible ? await splitRowIds(table, context) : { ranges: [undefined] };
  const { ranges } = split;
  const statementOf = (range: RowIdRange | undefined): SqlText =>
    planned.statement(conditionOf(description, { range, mayBeSilent, days }));
  const orderOf = (range: RowIdRange | undefined): ScanOrder => {
    const { sql, parameters } = statementOf(range);
    return {
      query: { sql, parameters: parameters.map((parameter) => valueForms.toSqliteValue(parameter) as SqliteValue) },
      columns: [...request.projection, ...hidden].map((ordinal, index) =>
        toScanColumn(columns[ordinal]!, description, index >= request.projection.length),
      ),
      batchRowCount: context.batchRowCount ?? DEFAULT_BATCH_ROWS,
      definition: { query: description.definitionQuery, expected: description.definition },
    };
  };
  const group = ranges.length > 1 ? new SnapshotGroup(pool, component, ranges.length) : undefined;
  return {
    schema,
    applied,
    partitions: ranges.map((range, id) => ({ id, detail: range === undefined ? {} : { ...range } })),
    ...(planned.ordering && { ordering: planned.ordering }),
    ...(isPlain && !planned.needsOnePartition && { statistics: () => readStatistics(table, context) }),
    execute: (partition, { signal }) => {
      const common = { pool, schema, component, signal, metrics: table.metrics };
      if (group === undefined) {
        return readRows({ ...common, lease: () => pool.lease(component, signal), order: orderOf(rangeOf(partition)) });
      }
      return group.read(partition.id, signal, (lease, isWhole) =>
        readRows({ ...common, lease, order: orderOf(isWhole ? undefined : rangeOf(partition)) }),
      );
    },
    explain: () => explain(table, planned, statementOf(ranges[0]), split),
  };
}

function explain(
  { pool, description }: SqliteTable,
  planned: PlannedSelect,
  statement: SqlText,
  { ranges, note }: RowIdSplit,
): ReturnType<ExecutionPlan['explain']> {
  const notes = [
    ...planned.notes,
    ...(note === undefined ? [] : [note]),
    ...(ranges.length > 1
      ? [
          `${ranges.length} ranges of row ids are read at the same time in one snapshot; where a writer is too busy for that, one statement reads them all`,
        ]
      : []),
    ...(statement.sql.includes(CONTINUE_FUNCTION)
      ? [`${CONTINUE_FUNCTION}() is always true; it lets a scan be cancelled`]
      : []),
  ];
  return { source: `sqlite ${pool.path} ${description.name}`, statement: statement.sql, notes };
}

/**
 * Columns that a filter or an order relies on and that are not read anyway: they are read as well, so that a value which contradicts its
 * type is reported and never decides about a row unseen.
 */
function checkedColumns(columns: readonly TableColumn[], request: ScanRequest): readonly number[] {
  const used = new Set<string>();
  const visit = (expr: Expr): void => {
    if (expr.kind === 'column') used.add(expr.path[0]);
    else if (expr.kind === 'call') expr.args.forEach(visit);
  };
  request.filters.forEach(visit);
  request.order?.forEach(({ expr }) => void visit(expr));
  const ordinals = columns.map((_, ordinal) => ordinal);
  return ordinals.filter((ordinal) => used.has(columns[ordinal]!.field.name) && !request.projection.includes(ordinal));
}

function toSqlTable({ description, component }: SqliteTable): SqlTable {
  const { columns, name } = description;
  return {
    dialect: createDialect(description, valueForms),
    profile: createProfile(description),
    from: `"main".${quoteIdentifier(name)}`,
    columns,
    component,
  };
}

function toScanColumn(column: TableColumn, description: TableDescription, isHidden: boolean): ScanColumn {
  const { name, sourceType, codec, field, onConflict } = column;
  const quoted = quoteIdentifier(name);
  const isText = codec.kind === 'text' || codec.kind === 'any_text';
  return {
    name,
    sourceType,
    codec,
    nullable: field.nullable,
    onConflict,
    isHidden,
    ...(isText &&
      description.isUtf8 && {
        textBytesSql: `SELECT CAST(${quoted} AS BLOB) FROM "main".${quoteIdentifier(description.name)} WHERE typeof(${quoted}) = 'text'`,
      }),
  };
}

function conditionOf(
  { rowId }: TableDescription,
  {
    range,
    mayBeSilent,
    days,
  }: {
    readonly range: RowIdRange | undefined;
    readonly mayBeSilent: boolean;
    readonly days: readonly (DayRange | undefined)[];
  },
): SqlText | undefined {
  const id = rowId === undefined ? undefined : quoteIdentifier(rowId);
  const conditions = [
    ...(range?.start === undefined ? [] : [`${id} >= ${range.start}`]),
    ...(range?.end === undefined ? [] : [`${id} < ${range.end}`]),
    ...(mayBeSilent ? [`(${id ?? 'random()'} & ${ASK_MASK} OR ${CONTINUE_FUNCTION}())`] : []),
  ];
  const all = [...conditions, ...days.flatMap((day) => day?.sql ?? [])];
  const values = days.flatMap((day) => day?.values ?? []);
  if (all.length === 0) return undefined;
  return { sql: all.join(' AND '), parameters: values.map((value) => ({ value, type: dataTypes.utf8() })) };
}

function rangeOf({ detail }: Partition): RowIdRange | undefined {
  const range = detail as RowIdRange;
  return range.start === undefined && range.end === undefined ? undefined : range;
}

/** What ANALYZE has written down; nothing where it never ran. */
async function readStatistics(
  { pool, description, component }: SqliteTable,
  { signal }: ScanContext,
): Promise<Statistics> {
  try {
    return await pool.use(component, signal, async (client) => {
      const [exists] = await client.rows([
        { sql: "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'", parameters: [] },
      ]);
      if (exists?.length !== 1) return {};
      const [stats] = await client.rows([
        {
          sql: "SELECT stat FROM sqlite_stat1 WHERE tbl = ? AND stat GLOB '[0-9]*' LIMIT 1",
          parameters: [description.name],
        },
      ]);
      const count = /^\d+/.exec(String(stats?.[0]?.[0] ?? ''))?.[0];
      return count === undefined ? {} : { rowCount: { value: BigInt(count), exact: false } };
    });
  } catch (error) {
    throw classifySqliteError(error, { component, file: pool.path });
  }
}
