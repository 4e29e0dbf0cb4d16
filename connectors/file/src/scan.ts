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
} from '@millrace/core';
import { type FieldOfPath, quoteIdentifier, toConjunctionSql, toExpressionSql, toSortKeySql } from '@millrace/duckdb';
import { changedFileError, classifyReadError, findChangedFile } from './classify-error.ts';
import type { FileEngine } from './engine.ts';
import { type FileColumns, type FileRead, relationSql } from './relation-sql.ts';
import { splitFiles } from './split-files.ts';
import { readStatistics } from './statistics.ts';

/** The files of a table at one moment and how they are read. */
export interface FileScan {
  readonly engine: FileEngine;
  readonly reads: readonly FileRead[];
  readonly columns: FileColumns;
  readonly component: string;
  /** The dataset in words, for `explain`. */
  readonly source: string;
}

/**
 * Plans a scan of files that DuckDB reads. Filters, order, offset and limit are its own, so that they are exact whenever they can be
 * said in SQL; what has to see all rows at once (order, offset, limit) makes one partition, otherwise the files are split.
 *
 * @throws MillraceError `unsupported` for an older version, `invalid_argument` for a column that there is not.
 */
export function planScan(scan: FileScan, request: ScanRequest): ExecutionPlan {
  checkRequest(scan, request);
  const { schema } = scan.columns;
  const fieldOf = createFieldFinder(schema);
  const projected = request.projection.map((ordinal) => schema.fields[ordinal]!);
  const conjuncts = request.filters.map((expr) => ({
    expr,
    sql: request.sample === undefined ? toExpressionSql(expr, fieldOf) : undefined,
  }));
  const filtersDone = request.sample === undefined && conjuncts.every(({ sql }) => sql !== undefined);
  const rowsDone = filtersDone && request.aggregate === undefined;
  const sortKeys = request.order?.map((key) => toSortKeySql(key, fieldOf));
  const isSorted = rowsDone && sortKeys?.every((key) => key !== undefined) === true;
  const inOrder = rowsDone && (request.order === undefined || isSorted);
  const applied: Applied = {
    filters: conjuncts.map(({ sql }) => (sql === undefined ? 'none' : 'exact')),
    ...(request.order && { order: isSorted ? 'exact' : 'none' }),
    ...(request.offset !== undefined && { offset: inOrder }),
    ...(request.limit !== undefined && { limit: inOrder ? 'exact' : 'none' }),
  };
  const isCut = inOrder && (request.offset !== undefined || request.limit !== undefined);
  const clauses = [
    whereSql(conjuncts),
    isSorted ? ` ORDER BY ${sortKeys.join(', ')}` : '',
    inOrder && request.limit !== undefined ? ` LIMIT ${request.limit}` : '',
    inOrder && request.offset !== undefined ? ` OFFSET ${request.offset}` : '',
  ].join('');
  const statementOf = (reads: readonly FileRead[]): string => {
    const list = projected.map(({ name }) => quoteIdentifier(name)).join(', ');
    return `SELECT ${list || 'true'} FROM (${relationSql(reads, scan.columns)}) AS file${clauses}`;
  };
  const parts = isSorted || isCut ? [scan.reads] : splitFiles(scan.reads);
  const plan: Schema = { fields: projected };
  return {
    schema: plan,
    applied,
    partitions: parts.map((reads, id) => ({
      id,
      detail: { files: reads.map(({ file }) => ({ path: file.path, version: file.version })) },
    })),
    ...(isSorted && request.order ? { ordering: request.order } : {}),
    ...(conjuncts.length === 0 && !isCut ? { statistics: () => readStatistics(scan, projected) } : {}),
    execute: (partition, context) => {
      const reads = readsOf(scan, partition);
      return readRows({ scan, reads, sql: statementOf(reads), schema: plan, context });
    },
    explain: () => ({ source: scan.source, statement: statementOf(scan.reads) }),
  };
}

function whereSql(
  conjuncts: readonly { readonly expr: ScanRequest['filters'][number]; readonly sql: string | undefined }[],
): string {
  const pushed = conjuncts.flatMap(({ expr, sql }) => (sql === undefined ? [] : [{ expr, sql }]));
  const where = toConjunctionSql(pushed);
  return where === undefined ? '' : ` WHERE ${where}`;
}

/** The files of a partition, as this plan knows them; their versions are those that were planned with. */
function readsOf(scan: FileScan, { detail }: Partition): readonly FileRead[] {
  const { files } = detail as { readonly files: readonly { readonly path: string; readonly version: string }[] };
  const byPath = new Map(scan.reads.map((read) => [read.file.path, read]));
  return files.map(({ path, version }) => {
    const read = byPath.get(path);
    if (read?.file.version === version) return read;
    throw changedFileError({ path, version, byteCount: 0 }, scan.component);
  });
}

async function* readRows(request: {
  readonly scan: FileScan;
  readonly reads: readonly FileRead[];
  readonly sql: string;
  readonly schema: Schema;
  readonly context: ScanContext;
}): RecordBatchStream & AsyncGenerator<RecordBatch, void, undefined> {
  const { scan, sql, schema, context } = request;
  const { component } = scan;
  const files = request.reads.map(({ file }) => file);
  if (context.signal.aborted) throw cancelledError(component, context.signal);
  await throwIfChanged(files, component);
  const connection = await (await scan.engine.database()).connect();
  try {
    const stream = await connection.stream({ sql, signal: context.signal, batchRowCount: context.batchRowCount });
    for await (const { numRows, data } of stream)
      yield { schema, numRows, data: schema.fields.length === 0 ? { children: [] } : data };
  } catch (error) {
    throw await classifyReadError(error, { component, files });
  } finally {
    await connection.close();
  }
  await throwIfChanged(files, component);
}

async function throwIfChanged(files: readonly FileRead['file'][], component: string): Promise<void> {
  const changed = await findChangedFile(files);
  if (changed) throw changedFileError(changed, component);
}

/** The field behind a path of names, into structs. */
function createFieldFinder(schema: Schema): FieldOfPath {
  return ([column, ...members]) =>
    members.reduce(
      (field: Field | undefined, member) => field?.type.children?.find(({ name }) => name === member),
      schema.fields.find(({ name }) => name === column),
    );
}

function checkRequest({ columns, component }: FileScan, request: ScanRequest): void {
  const refuse = (code: 'unsupported' | 'invalid_argument', message: string): MillraceError =>
    new MillraceError({ code, component, connector: 'file', message });
  if (request.at !== undefined) throw refuse('unsupported', 'files keep no older versions of a table');
  if (request.metadataColumns !== undefined && request.metadataColumns.length > 0)
    throw refuse('invalid_argument', `there is no metadata column ${request.metadataColumns[0]}`);
  const wrong = request.projection.find((ordinal) => columns.schema.fields[ordinal] === undefined);
  if (wrong !== undefined) throw refuse('invalid_argument', `there is no column number ${wrong}`);
}
