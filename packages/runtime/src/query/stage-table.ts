import { checkPlan, type ExecutionPlan, type ScanRequest, type Schema, type TableProvider } from '@millrace/core';
import { type DuckDbDatabase, loadBatches, type PlannedScan, quoteIdentifier, toDuckDbType } from '@millrace/duckdb';
import type { EngineTable } from './engine-table.ts';
import { checkColumns, PARTITION_LIMIT, readPlan } from './read-plan.ts';
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

/** Copies the rows that the scan yields into the scratch catalog, under the table's own name. */
export async function stageTable(
  scan: PreparedScan,
  target: { readonly database: DuckDbDatabase; readonly scratch: ScratchCatalog; readonly signal: AbortSignal },
): Promise<void> {
  const { schema } = scan.table;
  const projected = scan.request.projection.map((ordinal) => schema.fields[ordinal]!);
  const whole = projected.length === schema.fields.length;
  const name = whole ? scan.table.name : { schemaName: '__millrace_staged', table: JSON.stringify(scan.table.name) };
  // Without a column a table still has a count of rows: one column of nulls carries it.
  const columns =
    projected.length === 0
      ? ['"row" BOOLEAN']
      : projected.map((field) => `${quoteIdentifier(field.name)} ${toDuckDbType(field)}`);
  const quoted = await target.scratch.createTable(name, columns);
  const { plan } = scan;
  if (plan) {
    await target.database.withConnection(async (connection) => {
      await loadBatches({
        connection,
        target: quoted,
        schema: { fields: projected },
        batches: readPlan(plan, target.signal),
        signal: target.signal,
      });
    });
  }
  if (!whole) await target.scratch.createView(scan.table.name, selectWithNulls(schema, new Set(projected), quoted));
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
function selectWithNulls(schema: Schema, staged: ReadonlySet<Schema['fields'][number]>, source: string): string {
  const columns = schema.fields.map((field) => {
    const name = quoteIdentifier(field.name);
    return staged.has(field) ? name : `CAST(NULL AS ${toDuckDbType(field)}) AS ${name}`;
  });
  return `SELECT ${columns.join(', ')} FROM ${source}`;
}
