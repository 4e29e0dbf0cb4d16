import type { NativeRelation, TableProvider } from '@millrace/core';
import type { PlannedQuery, PlannedScan } from '@millrace/duckdb';
import { type EngineTable, tableKey } from './engine-table.ts';
import type { ExecutionOptions } from './query-request.ts';
import { type PreparedScan, prepareScan } from './stage-table.ts';

/** How one table of a query will be read: by the engine itself, or through its provider's scan. */
export type PreparedTable =
  | { readonly access: 'direct'; readonly table: EngineTable; readonly relation: NativeRelation }
  | {
      readonly access: 'staged';
      readonly table: EngineTable;
      readonly scan: PreparedScan;
      readonly notes: readonly string[];
    };

/** What {@link prepareTables} works from. */
export interface PrepareRequest {
  readonly tables: readonly EngineTable[];
  readonly options: ExecutionOptions;
  /** Finds the relation by which the engine can read a table as it is. */
  readonly usableRelation: (provider: TableProvider) => Promise<NativeRelation | undefined>;
  /** Plans the statement; called once, and only if a table has to be scanned with pushdown. */
  readonly plan: () => Promise<PlannedQuery>;
  readonly signal: AbortSignal;
}

/** Decides for each table how it will be read, and asks the providers of the scanned ones for their plans. */
export async function prepareTables(request: PrepareRequest): Promise<readonly PreparedTable[]> {
  const { options, signal } = request;
  const pushdown = options.pushdown !== 'off';
  const native = pushdown && options.native !== 'off';
  const candidates = await Promise.all(
    request.tables.map(async (table) => {
      const provider = await table.provider();
      const relation = native ? await request.usableRelation(provider) : undefined;
      return { table, provider, relation };
    }),
  );
  const planned =
    pushdown && candidates.some(({ relation }) => relation === undefined || mayScanSkip(relation))
      ? new Pushdowns(await request.plan())
      : undefined;
  return Promise.all(
    candidates.map(async ({ table, provider, relation }) => {
      if (!relation) return prepareStaged(table, provider, planned, signal);
      const narrow =
        mayScanSkip(relation) && planned?.hasFilters(table)
          ? await prepareNarrow({ table, provider, planned, relation, signal })
          : undefined;
      return narrow ?? { access: 'direct' as const, table, relation };
    }),
  );
}

/** Fewer rows are read in place sooner than a statement is planned. */
const LEAST_ROWS_TO_SKIP = 65_536;
/** A scan that leaves one row of so many is worth more than reading all of them in place. */
const LEAST_ROWS_FOR_ONE = 8n;

/** Whether a scan of the table, where it can leave rows out, may be the faster way. */
function mayScanSkip(relation: NativeRelation): boolean {
  return relation.kind === 'batches' && relation.scanSkips === true && rowsOf(relation) >= LEAST_ROWS_TO_SKIP;
}

function rowsOf({ batches }: Extract<NativeRelation, { readonly kind: 'batches' }>): number {
  return batches.reduce((total, { numRows }) => total + numRows, 0);
}

/** The table as a scan, where its filters leave few of its rows; undefined where reading all in place is no slower. */
async function prepareNarrow({
  table,
  provider,
  planned,
  relation,
  signal,
}: {
  readonly table: EngineTable;
  readonly provider: TableProvider;
  readonly planned: Pushdowns;
  readonly relation: NativeRelation;
  readonly signal: AbortSignal;
}): Promise<PreparedTable | undefined> {
  if (relation.kind !== 'batches') return undefined;
  const prepared = await prepareStaged(table, provider, planned, signal);
  const plan = prepared.access === 'staged' ? prepared.scan.plan : undefined;
  if (plan === undefined) return prepared;
  const rowCount = (await plan.statistics?.())?.rowCount?.value;
  return rowCount !== undefined && rowCount * LEAST_ROWS_FOR_ONE <= BigInt(rowsOf(relation)) ? prepared : undefined;
}

async function prepareStaged(
  table: EngineTable,
  provider: TableProvider,
  pushdowns: Pushdowns | undefined,
  signal: AbortSignal,
): Promise<PreparedTable> {
  const planned = pushdowns?.of(table);
  const scan = await prepareScan({ table, provider, planned }, signal);
  const notes = pushdowns === undefined ? ['pushdown is off'] : [...(planned?.notes ?? []), ...pushdowns.notes];
  return { access: 'staged', table, scan, notes };
}

/** The planner's answers by table. A plan that cannot be read costs the pushdown, never the query. */
class Pushdowns {
  readonly notes: readonly string[];
  readonly #scans: ReadonlyMap<string, PlannedScan>;

  constructor(planned: PlannedQuery) {
    this.notes = planned.kind === 'unreadable' ? [`scanned without pushdown: ${planned.reason}`] : [];
    this.#scans = new Map(planned.kind === 'planned' ? planned.scans.map((scan) => [tableKey(scan.table), scan]) : []);
  }

  /** Whether not every row of a table is needed. */
  hasFilters(table: EngineTable): boolean {
    const scan = this.of(table);
    return scan !== undefined && (scan.empty || scan.filters.length > 0);
  }

  of(table: EngineTable): PlannedScan | undefined {
    return this.#scans.get(tableKey(table.name));
  }
}
