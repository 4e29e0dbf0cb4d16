import {
  cancelledError,
  type ExecutionPlan,
  MillraceError,
  type Partition,
  type RecordBatch,
  type ScanContext,
  type ScanRequest,
  type Statistics,
} from '@millrace/core';
import {
  checkColumns,
  classifyError,
  createDecoder,
  createDialect,
  encodeParameter,
  isRetryable,
  type PostgresClient,
  parameterFormOf,
  quoteIdentifier,
  type RowStatement,
  TEXT_FORM,
} from '@millrace/postgres';
import { type PlannedSelect, planSelect } from '@millrace/sql';
import { partitionCondition, planPartitions } from './partitions.ts';
import type { ReadColumn } from './read-column.ts';
import { createProfile } from './semantics.ts';
import { Snapshot } from './snapshot.ts';
import { readSize, type TableSize } from './statistics.ts';
import type { PostgresTable } from './table-description.ts';

/** A table that can be scanned. */
export interface TableScan {
  readonly client: PostgresClient;
  readonly table: PostgresTable;
  readonly columns: readonly ReadColumn[];
  readonly component: string;
}

const DEFAULT_BATCH_ROWS = 32_768;
/** Bytes of text and nested values at which a batch ends earlier. */
const BATCH_BYTES = 16 * 1024 * 1024;
const ATTEMPTS = 3;
const RETRY_MS = 100;

/**
 * Plans a scan as one SELECT, or one for each range of pages. What can be said exactly is pushed; see the SQL kit for what that is.
 *
 * @throws MillraceError `invalid_argument`, `unsupported` for what a table has not (metadata columns, older versions).
 */
export async function planScan(scan: TableScan, request: ScanRequest, context: ScanContext): Promise<ExecutionPlan> {
  const { client, table, columns, component } = scan;
  const from = [...table.reference.namespace, table.reference.name].map(quoteIdentifier).join('.');
  const byName = new Map(columns.map((column) => [column.name, column]));
  const dialect = createDialect(byName);
  const select = planSelect({ dialect, profile: createProfile(byName), from, columns, component }, request);
  const { partitions, note } = await cutPartitions(scan, select, context);
  const snapshot =
    partitions.length > 1
      ? new Snapshot({ client, component, partitionIds: partitions.map(({ id }) => id) })
      : undefined;
  const readRows = select.columns as readonly ReadColumn[];
  const toStatement = (partition: Partition, batchRowCount: number): RowStatement => {
    const { sql, parameters } = select.statement(partitionCondition(partition));
    return {
      sql,
      values: parameters.map((parameter) =>
        encodeParameter(parameter, parameterFormOf(parameter, byName) ?? TEXT_FORM),
      ),
      schema: select.schema,
      decoders: readRows.map((column) => createDecoder(column.wire, (what) => reportUnfit(column, what, component))),
      wireColumnCount: Math.max(1, readRows.length),
      size: { rowCount: batchRowCount, byteCount: BATCH_BYTES },
      checkColumns: (fields) => checkColumns(readRows, fields, component),
    };
  };
  const isWhole = select.applied.filters.every((degree) => degree === 'none') && !select.needsOnePartition;
  return {
    schema: select.schema,
    applied: select.applied,
    partitions,
    ...(select.ordering === undefined ? {} : { ordering: select.ordering }),
    ...(isWhole ? { statistics: () => readStatistics(scan) } : {}),
    execute: (partition, execution) =>
      readPartition({
        scan,
        partition,
        snapshot,
        context: execution,
        statement: () => toStatement(partition, execution.batchRowCount ?? DEFAULT_BATCH_ROWS),
      }),
    explain: () => ({
      source: `postgres ${table.reference.namespace.join('.')}.${table.reference.name}`,
      statement: select.statement(partitionCondition(partitions[0]!)).sql,
      notes: [...select.notes, note],
    }),
  };
}

/** Ranges of pages only where they bring something, and where all of them can see one snapshot. */
async function cutPartitions(
  { client, table, component }: TableScan,
  select: PlannedSelect,
  context: ScanContext,
): Promise<{ readonly partitions: readonly Partition[]; readonly note: string }> {
  const one = (reason: string) => ({ partitions: [{ id: 0, detail: null }], note: `one partition: ${reason}` });
  if (select.needsOnePartition) return one('limit and offset count all rows');
  if (select.applied.filters.some((degree) => degree !== 'none')) return one('the filters may use an index');
  if (table.kind !== 'r' && table.kind !== 'm') return one('only tables with pages of their own can be cut');
  if ((context.targetPartitions ?? 1) < 2) return one('the reader asks for no more');
  const size = await readSize(client, { oid: table.oid, component, signal: context.signal });
  const pages = size?.method === 'heap' ? size.pages : undefined;
  const partitions = planPartitions({ pages, context, poolSize: client.settings.poolSize });
  return partitions.length === 1
    ? one('the table is small')
    : {
        partitions,
        note: `${partitions.length} partitions by ctid, under one exported snapshot; the statement is that of the first`,
      };
}

interface PartitionRead {
  readonly scan: TableScan;
  readonly partition: Partition;
  readonly snapshot: Snapshot | undefined;
  readonly context: ScanContext;
  readonly statement: () => RowStatement;
}

async function* readPartition(read: PartitionRead): AsyncGenerator<RecordBatch, void, undefined> {
  const { scan, context } = read;
  const { client, component } = scan;
  if (context.signal.aborted) throw cancelledError(component, context.signal);
  const signal = AbortSignal.any([context.signal, client.closing]);
  for (let attempt = 1; ; attempt += 1) {
    let hasRows = false;
    const started = performance.now();
    try {
      for await (const batch of readOnce(read, signal)) {
        if (!hasRows) client.figures.timeToFirstBatchMs = performance.now() - started;
        hasRows = true;
        requireNoNulls(batch, component);
        client.figures.rows += batch.numRows;
        yield batch;
      }
      return;
    } catch (error) {
      const classified = classifyScanError(error, read, performance.now() - started);
      // What has been delivered cannot be taken back.
      if (hasRows || attempt >= ATTEMPTS || !isRetryable(classified) || signal.aborted) throw classified;
      client.figures.retries += 1;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * attempt));
    }
  }
}

async function* readOnce(
  { scan, partition, snapshot, statement }: PartitionRead,
  signal: AbortSignal,
): AsyncGenerator<RecordBatch, void, undefined> {
  const { client, component } = scan;
  const use = await snapshot?.use(partition.id, { component, signal });
  let outcome: 'complete' | 'incomplete' = 'incomplete';
  try {
    const session = await (use === undefined ? client.open({ component, signal }) : use.open());
    let fate: 'keep' | 'destroy' = 'destroy';
    try {
      client.figures.statements += 1;
      yield* session.stream(statement(), signal, (count) => {
        client.figures.bytes += count;
      });
      if (use !== undefined) await session.until(signal, () => session.run('COMMIT'));
      fate = 'keep';
      outcome = 'complete';
    } finally {
      session.end(fate);
    }
  } finally {
    use?.end(outcome);
    if (signal.aborted) snapshot?.abandon();
  }
}

function classifyScanError(error: unknown, { scan, context }: PartitionRead, elapsedMs: number): MillraceError {
  const { client, component } = scan;
  if (client.closing.aborted && !context.signal.aborted) {
    return new MillraceError({
      code: 'invalid_state',
      component,
      connector: 'postgres',
      message: 'the connector was closed while the scan ran',
      cause: error,
    });
  }
  const { statementTimeoutMs } = client.settings;
  return classifyError(error, {
    component,
    signal: context.signal,
    hasTimedOut: statementTimeoutMs > 0 && elapsedMs >= statementTimeoutMs,
  });
}

function reportUnfit({ name, sourceType }: ReadColumn, what: string, component: string): never {
  throw new MillraceError({
    code: 'invalid_data',
    component,
    connector: 'postgres',
    message: `the column ${JSON.stringify(name)} (${sourceType}) holds ${what}, which its type here cannot hold exactly`,
    hint: 'Read it through a view that casts it, to text for example; pg_numeric_scale sets the digits of a plain numeric',
  });
}

/** A column that was NOT NULL when the scan was planned: engines rely on that. */
function requireNoNulls({ schema, data }: RecordBatch, component: string): void {
  const column = schema.fields.find(({ nullable }, index) => !nullable && (data.children[index]?.nullCount ?? 0) > 0);
  if (column === undefined) return;
  throw new MillraceError({
    code: 'conflict',
    component,
    connector: 'postgres',
    message: `the column ${JSON.stringify(column.name)} was NOT NULL when the scan was planned, and holds a NULL now`,
    hint: 'Reload the dataset',
  });
}

/** The server's estimate of the whole table; nothing where it never counted. */
async function readStatistics({ client, table, component }: TableScan): Promise<Statistics> {
  let size: TableSize | undefined;
  try {
    size = await readSize(client, { oid: table.oid, component, signal: client.closing });
  } catch {
    return {};
  }
  if (size === undefined || size.rows < 0) return {};
  return {
    rowCount: { value: BigInt(Math.round(size.rows)), exact: false },
    ...(size.bytes > 0 ? { byteCount: { value: BigInt(Math.round(size.bytes)), exact: false } } : {}),
  };
}
