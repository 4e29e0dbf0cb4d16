import type { RecordBatch } from '@millrace/core';
import type { QueryStream, StreamOutcome, StreamRequest } from '@millrace/duckdb';
import type { Context } from '@opentelemetry/api';
import { type QueryWatch, runStage } from '../observability/query-watch.ts';
import type { DatasetsCatalog } from './datasets-catalog.ts';
import { openRelation } from './direct-relation.ts';
import type { EngineView } from './engine-table.ts';
import type { PreparedTable } from './prepare-tables.ts';
import type { ScratchCatalog } from './scratch-catalog.ts';
import type { ScratchPool } from './scratch-pool.ts';
import { settleAll } from './settle-all.ts';
import { type PreparedScan, stageTable } from './stage-table.ts';

/** A statement whose tables are ready to be read. */
export interface PreparedStatement {
  readonly request: StreamRequest;
  readonly tables: readonly PreparedTable[];
  /** In an order in which each follows what it uses. */
  readonly views: readonly EngineView[];
  /** Is told how the query goes. */
  readonly watch: QueryWatch | undefined;
  /** Reads a scan, whose span nests under `parent`; without a plan there is no batch. */
  readonly read: (
    scan: PreparedScan,
    signal: AbortSignal,
    parent: Context | undefined,
  ) => AsyncGenerator<RecordBatch, void, undefined>;
  /** Takes what ends in the background once the stream has ended. */
  readonly cleanUp: (work: Promise<void>) => void;
}

/**
 * Runs a statement whose every table the engine reads by itself, in the catalog where they all stand ready. `redefined`: another table has
 * taken a name there meanwhile, and the statement has to run elsewhere.
 */
export async function runInPlace(
  statement: PreparedStatement,
  datasets: DatasetsCatalog,
): Promise<QueryStream | 'redefined'> {
  const { request, tables, views, cleanUp } = statement;
  for (const table of tables) if (table.access === 'direct') await datasets.publish(table.table, table.relation);
  const { redefinitions } = datasets;
  if (!tables.every(({ table }) => datasets.holds(table))) return 'redefined';
  for (const view of views) await datasets.publishView(view);
  const wasRedefined = (): boolean => datasets.redefinitions !== redefinitions;
  const connection = await datasets.connect();
  let isGivenUp = false;
  try {
    statement.watch?.executes();
    const stream = await connection.stream({
      ...request,
      onClose: (outcome) => {
        // A connection whose statement was stopped is not trusted with another one.
        cleanUp(outcome === 'complete' ? datasets.giveBack(connection) : connection.close());
        if (!isGivenUp) request.onClose?.(outcome);
      },
    });
    if (!wasRedefined()) return stream;
    isGivenUp = true;
    await stream.close();
    return 'redefined';
  } catch (error) {
    await connection.close();
    if (wasRedefined() && request.signal?.aborted !== true) return 'redefined';
    throw error;
  }
}

/** Runs a statement some tables of which have to be filled first, in a catalog that it has for itself. */
export async function runInScratch(
  statement: PreparedStatement,
  scratches: ScratchPool,
  signal: AbortSignal,
): Promise<QueryStream> {
  const { request, tables, views, watch, read, cleanUp } = statement;
  const { database } = scratches;
  const opening = scratches.take();
  const releases: (() => void)[] = [];
  const close = async (outcome: StreamOutcome) => {
    const opened = await opening.catch(() => undefined);
    if (opened) await scratches.giveBack(opened, outcome);
    for (const release of releases) release();
  };
  try {
    const stage = async (parent: Context | undefined): Promise<ScratchCatalog> => {
      await settleAll(signal, (sibling) =>
        tables.map(async (table) => {
          if (table.access === 'staged') {
            const batches = read(table.scan, sibling, parent);
            await stageTable(table.scan, { database, scratch: opening, signal: sibling, batches });
            return;
          }
          const { select, release } = openRelation(database, table.table, table.relation);
          releases.push(release);
          await (await opening).createView(table.table.name, select);
        }),
      );
      const scratch = await opening;
      for (const view of views) await scratch.createView(view.name, view.sql);
      return scratch;
    };
    const scratch = await runStage(watch, 'stage', stage);
    watch?.executes();
    return await scratch.connection.stream({
      ...request,
      onClose: (outcome) => {
        cleanUp(close(outcome));
        request.onClose?.(outcome);
      },
    });
  } catch (error) {
    await close('incomplete');
    throw error;
  }
}
