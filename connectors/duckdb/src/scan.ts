import { schemasEqual } from '@millrace/arrow';
import {
  type Applied,
  cancelledError,
  type ExecutionPlan,
  type Field,
  MillraceError,
  type Partition,
  type RecordBatch,
  type RecordBatchStream,
  type ScanContext,
  type ScanRequest,
  type Schema,
  type Statistics,
} from '@millrace/core';
import { type FieldOfPath, quoteIdentifier, toConjunctionSql, toExpressionSql, toSortKeySql } from '@millrace/duckdb';
import { changedFileError, classifyReadError } from './classify-error.ts';
import type { DatabaseFile } from './database-file.ts';
import { chooseColumns, describeTable, fromSql, type TableDescription } from './describe-table.ts';
import { versionOf } from './file-version.ts';
import type { ScanMetrics } from './metrics.ts';
import { relationSql } from './relation-sql.ts';

/** Below this many rows a second stream costs more than it saves. */
const MIN_ROWS_PER_PARTITION = 500_000;
const MAX_PARTITIONS = 4;

/** A table that can be scanned. */
export interface DuckDbTable {
  readonly file: DatabaseFile;
  readonly description: TableDescription;
  /** Whether the columns are all that the table has, in order. */
  readonly isWhole: boolean;
  /** What the file looked like when the table was described. */
  readonly version: string;
  readonly component: string;
  readonly metrics: ScanMetrics;
}

/** A range of row ids; `start` inclusive, `end` exclusive. */
interface RowIdRange {
  readonly start?: number;
  readonly end?: number;
}

/**
 * Plans a scan. Filters, order, offset and limit mean at the source what they mean in the engine, so that they are exact whenever they can
 * be said in SQL; only collations are left out.
 *
 * @throws MillraceError `unsupported` for an older version, `invalid_argument` for a column that there is not.
 */
export function planScan(table: DuckDbTable, request: ScanRequest, context: ScanContext): ExecutionPlan {
  checkRequest(table, request);
  const { schema } = table.description;
  const fieldOf = createFieldFinder(schema);
  const projected = request.projection.map((ordinal) => schema.fields[ordinal]!);
  const conjuncts = request.filters.map((expr) => ({
    expr,
    sql: request.sample === undefined ? toExpressionSql(expr, fieldOf) : undefined,
  }));
  const isFiltered = conjuncts.some(({ sql }) => sql !== undefined);
  const filtersDone = request.sample === undefined && conjuncts.every(({ sql }) => sql !== undefined);
  const rowsDone = filtersDone && request.aggregate === undefined;
  const sortKeys = request.order?.map((key) => toSortKeySql(key, fieldOf));
  const isSorted = rowsDone && sortKeys?.every((key) => key !== undefined) === true;
  const inOrder = rowsDone && (request.order === undefined || isSorted);
  const isCut = inOrder && (request.offset !== undefined || request.limit !== undefined);
  const applied: Applied = {
    filters: conjuncts.map(({ sql }) => (sql === undefined ? 'none' : 'exact')),
    ...(request.order && { order: isSorted ? 'exact' : 'none' }),
    ...(request.offset !== undefined && { offset: inOrder }),
    ...(request.limit !== undefined && { limit: inOrder ? 'exact' : 'none' }),
  };
  const where = toConjunctionSql(conjuncts.flatMap(({ expr, sql }) => (sql === undefined ? [] : [{ expr, sql }])));
  const clauses = [
    where === undefined ? '' : ` WHERE ${where}`,
    isSorted ? ` ORDER BY ${sortKeys.join(', ')}` : '',
    inOrder && request.limit !== undefined ? ` LIMIT ${request.limit}` : '',
    inOrder && request.offset !== undefined ? ` OFFSET ${request.offset}` : '',
  ].join('');
  const list = projected.map(({ name }) => quoteIdentifier(name)).join(', ') || 'true';
  const statementOf = (range: RowIdRange): string =>
    `SELECT ${list} FROM (${tableRelation(table, range)}) AS "table"${clauses}`;
  const ranges = isFiltered || isSorted || isCut ? [{}] : splitRows(table.description, context);
  const plan: Schema = { fields: projected };
  return {
    schema: plan,
    applied,
    partitions: ranges.map((range, id) => ({ id, detail: { ...range } })),
    ...(isSorted && request.order ? { ordering: request.order } : {}),
    ...(isFiltered || isCut ? {} : { statistics: () => readStatistics(table, context) }),
    execute: (partition, scanContext) =>
      readRows({
        table,
        sql: statementOf(rangeOf(partition)),
        schema: plan,
        isPart: ranges.length > 1,
        context: scanContext,
      }),
    explain: () => ({
      source: `duckdb ${table.file.path} ${table.description.name.schemaName}.${table.description.name.table}`,
      statement: statementOf(ranges[0]!),
      ...(ranges.length > 1 && { notes: [`${ranges.length} ranges of row ids are read at the same time`] }),
    }),
  };
}

function tableRelation({ description, isWhole }: DuckDbTable, { start, end }: RowIdRange): string {
  const bounds = [
    ...(start === undefined ? [] : [`rowid >= ${start}`]),
    ...(end === undefined ? [] : [`rowid < ${end}`]),
  ];
  return relationSql({
    from: fromSql(description.name),
    fields: description.schema.fields,
    isWhole,
    mayCollate: description.mayCollate,
    ...(bounds.length > 0 && { where: bounds.join(' AND ') }),
  });
}

/** Ranges that together hold every row id, whatever there is beyond the number of rows. */
function splitRows(description: TableDescription, { targetPartitions = 1 }: ScanContext): readonly RowIdRange[] {
  const rowCount = Number(description.rowCount ?? 0n);
  const most = Math.floor(rowCount / MIN_ROWS_PER_PARTITION);
  const count = description.hasRowId ? Math.min(most, targetPartitions, MAX_PARTITIONS) : 1;
  if (count < 2) return [{}];
  const edge = (index: number): number => Math.floor((rowCount * index) / count);
  return Array.from({ length: count }, (_, index) => ({
    ...(index > 0 && { start: edge(index) }),
    ...(index < count - 1 && { end: edge(index + 1) }),
  }));
}

function rangeOf({ detail }: Partition): RowIdRange {
  return detail as RowIdRange;
}

async function* readRows(request: {
  readonly table: DuckDbTable;
  readonly sql: string;
  readonly schema: Schema;
  readonly isPart: boolean;
  readonly context: ScanContext;
}): RecordBatchStream & AsyncGenerator<RecordBatch, void, undefined> {
  const { table, sql, schema, context } = request;
  const { file, component, metrics } = table;
  const attempt = { component, path: file.path };
  const { signal } = context;
  const start = performance.now();
  metrics.scanCount++;
  const { connection, version, release } = await file.acquire({ component, signal });
  try {
    if (version !== table.version) {
      // The parts of one scan would be parts of different files.
      if (request.isPart) throw changedFileError(attempt);
      await checkUnaltered(table, connection);
    }
    const stream = await connection.stream({ sql, signal, batchRowCount: context.batchRowCount });
    let isFirst = true;
    for await (const { numRows, data } of stream) {
      if (isFirst) metrics.lastFirstBatchMs = performance.now() - start;
      isFirst = false;
      metrics.rowCount += numRows;
      for (const column of data.children) metrics.byteCount += column.values?.byteLength ?? 0;
      yield { schema, numRows, data: schema.fields.length === 0 ? { children: [] } : data };
    }
    // Whoever writes without DuckDB's lock (a copy over the file, say) is noticed here.
    if ((await versionOf(file.path)) !== version) throw changedFileError(attempt);
  } catch (error) {
    if (signal.aborted) throw cancelledError(component, signal);
    throw file.isClosed ? file.closedError(component) : classifyReadError(error, attempt);
  } finally {
    await release();
  }
}

/** @throws MillraceError `schema_mismatch` where the file has another table now than the one that was planned with. */
async function checkUnaltered(
  { description, component }: DuckDbTable,
  connection: Parameters<typeof describeTable>[0],
): Promise<void> {
  const now = await describeTable(connection, description.name);
  const isSame =
    now?.tableType === description.tableType &&
    (!now.mayCollate || description.mayCollate) &&
    schemasEqual(chooseColumns(now, description.schema, component).schema, description.schema);
  if (isSame) return;
  throw new MillraceError({
    code: 'schema_mismatch',
    component,
    connector: 'duckdb',
    message: 'the table was altered or replaced after the scan was planned',
    hint: 'Load the dataset again',
  });
}

/** A table's rows are counted without being read. */
async function readStatistics(
  { file, description, component }: DuckDbTable,
  { signal }: ScanContext,
): Promise<Statistics> {
  if (description.tableType === 'view') return {};
  return file.use({ component, signal }, async (connection) => {
    const [[count] = []] = await connection.rows(`SELECT count(*) FROM ${fromSql(description.name)}`);
    return typeof count === 'bigint' ? { rowCount: { value: count, exact: true } } : {};
  });
}

/** The field behind a path of names, into structs. */
function createFieldFinder(schema: Schema): FieldOfPath {
  return ([column, ...members]) =>
    members.reduce(
      (field: Field | undefined, member) => field?.type.children?.find(({ name }) => name === member),
      schema.fields.find(({ name }) => name === column),
    );
}

function checkRequest({ description, component }: DuckDbTable, request: ScanRequest): void {
  const refuse = (code: 'unsupported' | 'invalid_argument', message: string): MillraceError =>
    new MillraceError({ code, component, connector: 'duckdb', message });
  if (request.at !== undefined) throw refuse('unsupported', 'DuckDB keeps no older versions of a table');
  if (request.metadataColumns !== undefined && request.metadataColumns.length > 0)
    throw refuse('invalid_argument', `there is no metadata column ${request.metadataColumns[0]}`);
  const wrong = request.projection.find((ordinal) => description.schema.fields[ordinal] === undefined);
  if (wrong !== undefined) throw refuse('invalid_argument', `there is no column number ${wrong}`);
}
