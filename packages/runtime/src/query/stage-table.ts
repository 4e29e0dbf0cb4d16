import {
  checkPlan,
  type ExecutionPlan,
  type Field,
  type RecordBatch,
  type ScanRequest,
  type TableProvider,
} from '@millrace/core';
import { type DuckDbDatabase, loadBatches, type PlannedScan, quoteIdentifier, toDuckDbType } from '@millrace/duckdb';
import type { EngineTable } from './engine-table.ts';
import { readFirstRows, resume } from './first-rows.ts';
import { checkColumns, PARTITION_LIMIT } from './read-plan.ts';
import type { ScratchCatalog } from './scratch-catalog.ts';

/** One table that a query reads through its provider's contract. */
export interface StagedScan {
  readonly table: EngineTable;
  readonly provider: TableProvider;
  /** What the planner found out; undefined scans everything. */
  readonly planned: PlannedScan | undefined;
}

/** A scan whose request has been answered by the provider and checked. */
export interface PreparedScan extends StagedScan {
  readonly request: ScanRequest;
  /** Undefined where the planner proved that no row can matter. */
  readonly plan: ExecutionPlan | undefined;
}

/**
 * Asks the provider for a plan and checks its claims.
 * @throws MillraceError `invalid_plan` when the provider claims what would change the result, `schema_mismatch` when it has other
 * columns by now.
 */
export async function prepareScan(scan: StagedScan, signal: AbortSignal): Promise<PreparedScan> {
  const request = toScanRequest(scan);
  if (scan.planned?.empty === true) return { ...scan, request, plan: undefined };
  const plan = await scan.provider.scan(request, { signal, targetPartitions: PARTITION_LIMIT });
  checkPlan(request, plan);
  checkColumns({ fields: request.projection.map((ordinal) => scan.table.schema.fields[ordinal]!) }, plan);
  return { ...scan, request, plan };
}

/** Where {@link stageTable} puts a table. */
export interface StagingPlace {
  readonly database: DuckDbDatabase;
  /** Awaited once there are rows to put, so that the source and the catalog start at the same time. */
  readonly scratch: Promise<ScratchCatalog>;
  readonly signal: AbortSignal;
  /** The rows of the scan; none where it has no plan. */
  readonly batches: AsyncGenerator<RecordBatch, void, undefined>;
}

/**
 * Shows the rows that the scan yields in the scratch catalog, under the table's own name. The table's view is made while the source is read.
 */
export async function stageTable(scan: PreparedScan, place: StagingPlace): Promise<void> {
  const { table, request } = scan;
  const select = (source: string) => selectStaged(scan, source);
  const offering = place.scratch.then((catalog) =>
    catalog.offerBatches({ table, projection: request.projection, select }),
  );
  // Its failure is met below, after that of the source.
  offering.catch(() => undefined);
  const stream = place.batches;
  try {
    const { batches, isWhole } = await readFirstRows(stream);
    const offered = await offering;
    if (isWhole) for (const batch of batches) offered.push(batch);
    else await copyRows(scan, place, resume(batches, stream));
  } finally {
    await stream.return();
  }
}

/** Copies rows into a table, which the table's view then shows. */
async function copyRows(
  scan: PreparedScan,
  { database, scratch, signal }: StagingPlace,
  batches: AsyncIterable<RecordBatch>,
): Promise<void> {
  const catalog = await scratch;
  const fields = projectedFields(scan);
  // Without a column a table still has a count of rows: one column of nulls carries it.
  const columns =
    fields.length === 0
      ? ['"row" BOOLEAN']
      : fields.map((field) => `${quoteIdentifier(field.name)} ${toDuckDbType(field)}`);
  const name = { schemaName: '__millrace_staged', table: JSON.stringify(scan.table.name) };
  const target = await catalog.createTable(name, columns);
  await database.withConnection((connection) =>
    loadBatches({ connection, target, schema: { fields }, batches, signal }),
  );
  await catalog.createView(scan.table.name, selectStaged(scan, target));
}

function projectedFields({ table, request }: PreparedScan): readonly Field[] {
  return request.projection.map((ordinal) => table.schema.fields[ordinal]!);
}

function toScanRequest({ table, planned }: StagedScan): ScanRequest {
  const ordinals = table.schema.fields.map((_, ordinal) => ordinal);
  if (!planned) return { projection: ordinals, filters: [] };
  const wanted = new Set(planned.columns.map((column) => column.toLowerCase()));
  return {
    projection: ordinals.filter((ordinal) => wanted.has(table.schema.fields[ordinal]!.name.toLowerCase())),
    filters: planned.filters,
    ...(planned.order === undefined ? {} : { order: planned.order }),
    ...(planned.limit === undefined ? {} : { limit: planned.limit }),
  };
}

/** The staged columns in their places, and nulls where the statement needs a column's name but never its values. */
function selectStaged({ table, request }: PreparedScan, source: string): string {
  const staged = new Set(request.projection);
  if (staged.size === table.schema.fields.length) return `SELECT * FROM ${source}`;
  const columns = table.schema.fields.map((field, ordinal) => {
    const name = quoteIdentifier(field.name);
    return staged.has(ordinal) ? name : `CAST(NULL AS ${toDuckDbType(field)}) AS ${name}`;
  });
  return `SELECT ${columns.join(', ')} FROM ${source}`;
}
