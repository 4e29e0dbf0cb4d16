import type { NativeRelation, RecordBatch, TableProvider } from '@millrace/core';
import {
  type DuckDbDatabase,
  type PlannedQuery,
  type PlannedSelect,
  planSimpleSelect,
  type QueryStream,
  type StreamRequest,
} from '@millrace/duckdb';
import type { Context } from '@opentelemetry/api';
import type { Observer } from '../observability/observer.ts';
import { runStage } from '../observability/query-watch.ts';
import { askIndexes } from './ask-indexes.ts';
import type { DatasetsCatalog } from './datasets-catalog.ts';
import { DIRECT_ANSWER_NOTE, type DirectAnswer, findDirectAnswer } from './direct-answer.ts';
import { type EngineTable, formatTableName } from './engine-table.ts';
import { explainQuery, explanationAsQuery, type QueryExplanation } from './explain-query.ts';
import { joinFiltersOf } from './join-filters-of.ts';
import { type PreparedTable, prepareTables } from './prepare-tables.ts';
import type { QueryRequest } from './query-request.ts';
import type { InspectedStatement, QueryScope } from './query-scope.ts';
import { noBatches, readPlan } from './read-plan.ts';
import { runInPlace, runInScratch } from './run-statement.ts';
import { RunningWork } from './running-work.ts';
import { ScratchPool } from './scratch-pool.ts';
import { type PreparedScan, prepareScan } from './stage-table.ts';
import { startOver } from './start-over.ts';
import { StreamEnd } from './stream-end.ts';
import { untilAborted } from './until-aborted.ts';

/** What statements run with. */
export interface RunnerParts {
  readonly database: DuckDbDatabase;
  /** What a statement may name that brings no scope of its own. */
  readonly scope: QueryScope;
  readonly datasets: DatasetsCatalog;
  /** Takes secrets out of what connectors say of their plans. */
  readonly redact: (text: string) => string;
  readonly observer: Observer;
}

/** A statement whose every table can be read. */
interface Preparation {
  readonly tables: readonly PreparedTable[];
  readonly answer: DirectAnswer | undefined;
}

/** Inspects, plans and runs statements, and keeps account of those that run. */
export class StatementRunner {
  readonly #parts: RunnerParts;
  readonly #scratches: ScratchPool;
  readonly #work: RunningWork = new RunningWork();
  #readablePaths: ReadonlySet<string> = new Set();

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#scratches = new ScratchPool(parts.database);
  }

  /** Files that native relations may read from now on; until then none. */
  allowPaths(paths: readonly string[]): void {
    this.#readablePaths = new Set(paths);
  }

  /** All rows of one table through its provider's contract, without SQL. */
  async *scan(table: EngineTable, signal: AbortSignal): AsyncGenerator<RecordBatch, void, undefined> {
    const scan = await prepareScan({ table, provider: await table.provider(), planned: undefined }, signal);
    yield* this.#read(scan, signal);
  }

  /** Runs a statement; the stream owns everything that the query holds until it ends or is closed. */
  query(request: QueryRequest): Promise<QueryStream> {
    return this.#work.attend(request.signal, async (signal) => {
      // What the statement's names stand for is held for it from here on.
      const leave = this.#parts.datasets.enter();
      let hasEnded = false;
      let stream: QueryStream | undefined;
      try {
        const inspected = await untilAborted(this.#scopeOf(request).inspect(request.sql), signal);
        const statement: StreamRequest = {
          sql: inspected.sql,
          ...(request.parameters === undefined ? {} : { parameters: request.parameters }),
          ...(request.batchRowCount === undefined ? {} : { batchRowCount: request.batchRowCount }),
          signal,
        };
        const onEnd = () => {
          leave();
          hasEnded = true;
          if (stream) this.#work.delete(stream);
        };
        request.watch?.reads(inspected.tables.map(({ label, name }) => label ?? formatTableName(name)));
        const { sql } = request;
        const start = async (current: InspectedStatement) => {
          const end = new StreamEnd(onEnd);
          const started = { ...statement, sql: current.sql, onClose: end.come };
          return end.giveOut(await this.#start(started, request, current, signal));
        };
        stream = await startOver({ sql, scope: this.#scopeOf(request), signal, start }, inspected);
        if (!hasEnded) this.#work.add(stream);
        return stream;
      } catch (error) {
        leave();
        throw error;
      }
    });
  }

  /** Checks a statement and finds what it reads, without running it. */
  inspect(request: QueryRequest): Promise<InspectedStatement> {
    return this.#work.attend(request.signal, (signal) =>
      untilAborted(this.#scopeOf(request).inspect(request.sql), signal),
    );
  }

  /** Says how a statement would be answered, without reading rows. */
  explain(request: QueryRequest): Promise<QueryExplanation> {
    return this.#work.attend(request.signal, async (signal) => {
      const leave = this.#parts.datasets.enter();
      try {
        const inspected = await untilAborted(this.#scopeOf(request).inspect(request.sql), signal);
        const prepared = inspected.asks === 'catalog' ? NOTHING : await this.#prepare(request, inspected, signal);
        return await this.#explain(inspected, prepared, signal);
      } finally {
        leave();
      }
    });
  }

  /** Ends every query with `cancelled`, whatever it is about. No query starts from now on. */
  stop(): Promise<void> {
    return this.#work.stop();
  }

  /** Frees what queries share; all have been stopped. */
  close(): Promise<void> {
    return this.#scratches.close();
  }

  async #explain(
    { sql }: InspectedStatement,
    { tables, answer }: Preparation,
    signal: AbortSignal,
  ): Promise<QueryExplanation> {
    const noted = (await askIndexes(tables, signal)).map((table) =>
      answer && table.access === 'staged' ? { ...table, notes: [...table.notes, DIRECT_ANSWER_NOTE] } : table,
    );
    return explainQuery(sql, noted, this.#parts.redact);
  }

  #read(
    { table, plan }: PreparedScan,
    signal: AbortSignal,
    parent?: Context,
  ): AsyncGenerator<RecordBatch, void, undefined> {
    if (!plan) return noBatches();
    return this.#parts.observer.scan({ origin: table.origin, plan, batches: readPlan(plan, signal), parent });
  }

  #scopeOf({ scope }: QueryRequest): QueryScope {
    return scope ?? this.#parts.scope;
  }

  async #prepare(request: QueryRequest, inspected: InspectedStatement, signal: AbortSignal): Promise<Preparation> {
    let select: PlannedSelect | undefined;
    const preparing = prepareTables({
      tables: inspected.tables,
      options: request,
      usableRelation: (provider) => this.#usableRelation(provider, signal),
      plan: async () => {
        select = planSimple(request, inspected);
        return select ? { kind: 'planned', scans: [select.scan] } : this.#plan(request, inspected);
      },
      signal,
    });
    // A dataset's first load, or a source that is slow to plan, must not keep an aborted query.
    const tables = await untilAborted(preparing, signal);
    return { tables, answer: findDirectAnswer(select, tables) };
  }

  async #plan(request: QueryRequest, inspected: InspectedStatement): Promise<PlannedQuery> {
    const scope = this.#scopeOf(request);
    const planned = await scope.plan(inspected.sql, request.parameters);
    // A dataset that was redefined meanwhile is read as the statement found it, and planned as it is now.
    return scope.plansOver(inspected)
      ? planned
      : { kind: 'unreadable', reason: 'a dataset was redefined while it was planned' };
  }

  /** The relation by which the engine can read a table as it is; undefined when its rows have to be scanned. */
  async #usableRelation(provider: TableProvider, signal: AbortSignal): Promise<NativeRelation | undefined> {
    const relation = await provider.nativeRelation?.({ signal });
    switch (relation?.kind) {
      case 'engine_table':
        return relation.engine === this.#parts.database ? relation : undefined;
      case 'sql':
        if (relation.purpose === 'load') return undefined;
        // A dataset that was connected after the file system was closed is read through its provider.
        return relation.paths.every((path) => this.#readablePaths.has(path)) ? relation : undefined;
      default:
        return relation;
    }
  }

  async #start(
    statement: StreamRequest,
    request: QueryRequest,
    inspected: InspectedStatement,
    signal: AbortSignal,
  ): Promise<QueryStream> {
    if (inspected.asks === 'catalog') return this.#scopeOf(request).answer(statement);
    const { watch } = request;
    const preparation = await runStage(watch, 'plan', () => this.#prepare(request, inspected, signal));
    if (inspected.asks === 'explain') {
      const sql = explanationAsQuery(await this.#explain(inspected, preparation, signal));
      return this.#scopeOf(request).answer({ sql, signal, onClose: statement.onClose });
    }
    const { tables, answer } = preparation;
    const prepared = {
      request: { ...statement, joinFilters: joinFiltersOf(inspected, tables) },
      tables,
      views: inspected.views,
      answer,
      watch,
      read: (scan: PreparedScan, stop: AbortSignal, parent: Context | undefined) => this.#read(scan, stop, parent),
      cleanUp: (work: Promise<void>) => this.#work.await(work),
    };
    const isInPlace = request.scope === undefined && tables.every(({ access }) => access === 'direct');
    const inPlace = isInPlace ? await runInPlace(prepared, this.#parts.datasets) : 'redefined';
    return inPlace === 'redefined' ? runInScratch(prepared, this.#scratches, signal) : inPlace;
  }
}

const NOTHING: Preparation = { tables: [], answer: undefined };

/** Plans a statement over one table by its text, where that says all. */
function planSimple(
  { parameters }: QueryRequest,
  { simple, tables, views }: InspectedStatement,
): PlannedSelect | undefined {
  const [table, ...others] = tables;
  if (simple === undefined || table === undefined || others.length > 0 || views.length > 0) return undefined;
  return planSimpleSelect({ select: simple, name: table.name, schema: table.schema, parameters });
}
