import type { RecordBatch, Schema } from '@millrace/core';
import type { QueryStream, StreamOutcome, StreamRequest, TableName } from '@millrace/duckdb';
import type { Context } from '@opentelemetry/api';
import { type QueryWatch, runStage } from '../observability/query-watch.ts';
import { AnsweredStream } from './answered-stream.ts';
import type { DatasetsCatalog } from './datasets-catalog.ts';
import { answerFrom, type DirectAnswer } from './direct-answer.ts';
import { openRelation } from './direct-relation.ts';
import type { EngineView } from './engine-table.ts';
import { readFirstRows, resume } from './first-rows.ts';
import type { PreparedTable } from './prepare-tables.ts';
import type { ScratchCatalog } from './scratch-catalog.ts';
import type { ScratchPool } from './scratch-pool.ts';
import { settleAll } from './settle-all.ts';
import { type PreparedScan, stageTable } from './stage-table.ts';
import { StreamEnd } from './stream-end.ts';

/** A statement whose tables are ready to be read. */
export interface PreparedStatement {
  readonly request: StreamRequest;
  readonly tables: readonly PreparedTable[];
  /** In an order in which each follows what it uses. */
  readonly views: readonly EngineView[];
  /** Given where a scan's rows can be the answer. */
  readonly answer: DirectAnswer | undefined;
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
  const end = new StreamEnd(request.onClose);
  try {
    statement.watch?.executes();
    const stream = await connection.stream({
      ...request,
      onClose: (outcome) => {
        // A connection whose statement was stopped is not trusted with another one.
        cleanUp(outcome === 'complete' ? datasets.giveBack(connection) : connection.close());
        end.come(outcome);
      },
    });
    if (!wasRedefined()) return end.giveOut(stream);
    await stream.close();
    return 'redefined';
  } catch (error) {
    await connection.close();
    if (wasRedefined() && request.signal?.aborted !== true) return 'redefined';
    throw error;
  }
}

/**
 * Runs a statement some tables of which have to be filled first, in a catalog that it has for itself. Where a scan's rows are the answer,
 * and few, there is nothing to run.
 */
export async function runInScratch(
  statement: PreparedStatement,
  scratches: ScratchPool,
  signal: AbortSignal,
): Promise<QueryStream> {
  const { request, answer, watch, cleanUp } = statement;
  // What a view in a schema names is looked for there first, where an earlier query may have left another one of that name.
  const kind = statement.views.every(({ name }) => isInMain(name)) ? 'any' : 'empty';
  const place: ScratchPlace = { scratches, kind, opened: undefined, releases: [], signal };
  try {
    const staged = await runStage(watch, 'stage', (parent) =>
      answer ? answerOrStage(statement, answer, place, parent) : stageTables(statement, place, parent),
    );
    watch?.executes();
    if (staged.kind === 'answer') {
      const onClose = (outcome: StreamOutcome): void => request.onClose?.(outcome);
      return new AnsweredStream({ ...staged, signal: request.signal, onClose });
    }
    return await staged.scratch.connection.stream({
      ...request,
      onClose: (outcome) => {
        cleanUp(leave(place, outcome));
        request.onClose?.(outcome);
      },
    });
  } catch (error) {
    await leave(place, 'incomplete');
    throw error;
  }
}

/** Where a statement puts the tables that it has to fill. */
interface ScratchPlace {
  readonly scratches: ScratchPool;
  readonly kind: 'any' | 'empty';
  /** Set once it is needed. */
  opened: Promise<ScratchCatalog> | undefined;
  readonly releases: (() => void)[];
  readonly signal: AbortSignal;
}

type Staged =
  | { readonly kind: 'scratch'; readonly scratch: ScratchCatalog }
  | { readonly kind: 'answer'; readonly schema: Schema; readonly batches: readonly RecordBatch[] };

function openScratch(place: ScratchPlace): Promise<ScratchCatalog> {
  place.opened ??= place.scratches.take(place.kind);
  return place.opened;
}

function isInMain({ schemaName = 'main' }: TableName): boolean {
  return schemaName.toLowerCase() === 'main';
}

async function leave({ scratches, opened, releases }: ScratchPlace, outcome: StreamOutcome): Promise<void> {
  const scratch = await opened?.catch(() => undefined);
  if (scratch) await scratches.giveBack(scratch, outcome);
  for (const release of releases) release();
}

/** Reads the scan whose rows are the answer; if they are many, or not as they should be, the engine gets them. */
async function answerOrStage(
  statement: PreparedStatement,
  answer: DirectAnswer,
  place: ScratchPlace,
  parent: Context | undefined,
): Promise<Staged> {
  const stream = statement.read(answer.scan, place.signal, parent);
  try {
    const { batches: first, isWhole } = await readFirstRows(stream, answer.limit);
    const batches = isWhole ? answerFrom(answer, first, statement.request.batchRowCount) : undefined;
    if (batches) return { kind: 'answer', schema: answer.schema, batches };
    return await stageTables({ ...statement, read: () => resume(first, stream) }, place, parent);
  } finally {
    await stream.return();
  }
}

async function stageTables(
  { tables, views, read }: PreparedStatement,
  place: ScratchPlace,
  parent: Context | undefined,
): Promise<Staged> {
  const { database } = place.scratches;
  await settleAll(place.signal, (sibling) =>
    tables.map(async (table) => {
      const opening = openScratch(place);
      if (table.access === 'staged') {
        const batches = read(table.scan, sibling, parent);
        await stageTable(table.scan, { database, scratch: opening, signal: sibling, batches });
        return;
      }
      const { select, release } = openRelation(database, table.table, table.relation);
      place.releases.push(release);
      await (await opening).createView(table.table.name, select);
    }),
  );
  const scratch = await openScratch(place);
  for (const view of views) await scratch.createView(view.name, view.sql);
  return { kind: 'scratch', scratch };
}
