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
    pushdown && candidates.some(({ relation }) => relation === undefined)
      ? new Pushdowns(await request.plan())
      : undefined;
  return Promise.all(
    candidates.map(({ table, provider, relation }) =>
      relation ? { access: 'direct' as const, table, relation } : prepareStaged(table, provider, planned, signal),
    ),
  );
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

  of(table: EngineTable): PlannedScan | undefined {
    return this.#scans.get(tableKey(table.name));
  }
}
