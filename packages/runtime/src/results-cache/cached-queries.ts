import { cancelledError } from '@millrace/core';
import type { QueryStream } from '@millrace/duckdb';
import { anySignal, createLifetime } from '../lifetime.ts';
import { explanationAsQuery, type QueryExplanation } from '../query/explain-query.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { QueryRequest } from '../query/query-request.ts';
import type { InspectedStatement } from '../query/query-scope.ts';
import type { CacheExplanation, CacheStatus } from './cache-status.ts';
import type { CachedResult, ResultSource } from './cached-result.ts';
import { RecordedStream, type Recording } from './recorded-stream.ts';
import { ReplayedStream } from './replayed-stream.ts';
import type { ResultsCache, ResultsCacheStats } from './results-cache.ts';
import { toStatementKey } from './statement-key.ts';

/** A statement of a user's. */
export interface CachedQueryRequest extends QueryRequest {
  /** Default `on`, where there is a cache. `off` neither looks into it nor keeps the result. */
  readonly cache?: 'on' | 'off';
}

/** The rows of a statement, and whether they were there already. */
export interface AnsweredQuery {
  readonly stream: QueryStream;
  readonly cacheStatus: CacheStatus;
}

/** How the cache takes part in one statement. */
type CacheUse =
  | { readonly kind: 'bypass'; readonly reason: string }
  | { readonly kind: 'use'; readonly key: string; readonly source: ResultSource };

/**
 * Answers statements from the results cache where it can, and from the query engine otherwise.
 *
 * What a result is computed from is noted before the engine is asked for it; it is kept only if all of that is the same when its last row
 * has been read, and it is served only as long as it stays so.
 */
export class CachedQueries implements AsyncDisposable {
  readonly #engine: QueryEngine;
  #cache: ResultsCache | undefined;
  readonly #lifetime: AbortController = createLifetime();
  readonly #stopListening: () => void;

  constructor(engine: QueryEngine, cache: ResultsCache | undefined) {
    this.#engine = engine;
    this.#cache = cache;
    this.#stopListening = engine.changes.add((name) => this.#cache?.invalidate(name));
  }

  /** What the cache has done and holds; undefined where there is none. */
  get stats(): ResultsCacheStats | undefined {
    return this.#cache?.stats();
  }

  /** Goes on with another cache, or none. What the former one holds is not served any more, nor are results kept that are being read. */
  useCache(cache: ResultsCache | undefined): void {
    this.#cache?.clear();
    this.#cache = cache;
  }

  async query(request: CachedQueryRequest): Promise<AnsweredQuery> {
    const cache = this.#cache;
    if (!cache) return { stream: await this.#engine.query(request), cacheStatus: 'disabled' };
    const inspected = await this.#engine.inspect(request);
    const use = await this.#useOf(request, inspected);
    if (use.kind === 'bypass') {
      cache.bypass();
      if (inspected.asks === 'explain') return { stream: await this.#explainAsRows(request), cacheStatus: 'bypass' };
      return { stream: await this.#engine.query(request), cacheStatus: 'bypass' };
    }
    const { key, source } = use;
    const found = cache.find(key, source);
    if (found) return { stream: this.#replay(found, request), cacheStatus: 'hit' };
    const startedAtMs = cache.now();
    const stream = await this.#engine.query(request);
    const onComplete = (recording: Recording): void => {
      if (cache === this.#cache && this.#isCurrent(source))
        cache.store(key, { ...recording, schema: stream.schema, source, startedAtMs });
    };
    return { stream: new RecordedStream({ stream, maxBytes: cache.maxResultBytes, onComplete }), cacheStatus: 'miss' };
  }

  /** Says how a statement would be answered; nothing is counted. */
  async explain(request: CachedQueryRequest): Promise<QueryExplanation> {
    const cache = this.#cache;
    if (!cache) return this.#engine.explain(request);
    const inspected = await this.#engine.inspect(request);
    const explained = inspected.asks === 'explain' ? { ...inspected, asks: 'rows' as const } : inspected;
    const explanation = await this.#engine.explain(request);
    return { ...explanation, cache: this.#explainUse(cache, await this.#useOf(request, explained)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Ends the results that are being read, and forgets all. Idempotent. */
  close(): void {
    this.#stopListening();
    this.#lifetime.abort();
    this.#cache?.clear();
  }

  async #useOf(request: CachedQueryRequest, inspected: InspectedStatement): Promise<CacheUse> {
    const bypass = (reason: string): CacheUse => ({ kind: 'bypass', reason });
    if (request.cache === 'off') return bypass('it is asked with cache: off');
    // These ask how the sources answer, so nothing else may.
    if (request.pushdown === 'off' || request.native === 'off')
      return bypass('it is asked with pushdown or native off');
    if (inspected.asks !== 'rows') return bypass('it asks for no rows of tables');
    if (inspected.isVolatile || inspected.views.some((view) => view.isVolatile))
      return bypass('it depends on clock or chance');
    const key = toStatementKey(inspected.sql.trim(), request.parameters);
    if (key === undefined) return bypass('its text and parameters cannot be remembered');
    const { tables, views } = inspected;
    const versions = await this.#versionsOf(tables, request.signal);
    if (!versions) return bypass('the version of rows that others may change cannot be told');
    // Behind the versions, as refreshes of this process may have ended while they were asked for.
    return { kind: 'use', key, source: { tables, views, versions, generations: this.#generationsOf(tables) } };
  }

  /** Undefined where they cannot be asked for: the statement itself says why. */
  async #versionsOf(
    tables: InspectedStatement['tables'],
    given: AbortSignal | undefined,
  ): Promise<readonly (string | undefined)[] | undefined> {
    if (tables.every(({ version }) => version === undefined)) return tables.map(() => undefined);
    const signal = anySignal(given ? [given, this.#lifetime.signal] : [this.#lifetime.signal]);
    const asked = await Promise.allSettled(tables.map(({ version }) => version?.(signal)));
    const told = asked.flatMap((each) => (each.status === 'fulfilled' ? { version: each.value } : []));
    return told.length < tables.length ? undefined : told.map(({ version }) => version);
  }

  #generationsOf(tables: InspectedStatement['tables']): readonly number[] {
    return tables.map(({ name }) => this.#engine.changes.generationOf(name));
  }

  #isCurrent(source: ResultSource): boolean {
    const generations = this.#generationsOf(source.tables);
    return this.#engine.isCurrent(source) && source.generations.every((each, index) => each === generations[index]);
  }

  #replay(result: CachedResult, { signal }: CachedQueryRequest): QueryStream {
    const stop = anySignal(signal ? [signal, this.#lifetime.signal] : [this.#lifetime.signal]);
    if (stop.aborted) throw cancelledError('query', stop);
    return new ReplayedStream(result, stop);
  }

  /** EXPLAIN as a statement: its answer tells of the cache, too. */
  async #explainAsRows(request: CachedQueryRequest): Promise<QueryStream> {
    const explanation = await this.explain(request);
    const { parameters: _, ...rest } = request;
    return this.#engine.query({ ...rest, sql: explanationAsQuery(explanation) });
  }

  #explainUse(cache: ResultsCache, use: CacheUse): CacheExplanation {
    if (use.kind === 'bypass') return { status: 'bypass', reason: use.reason };
    const found = cache.peek(use.key, use.source);
    if (!found) return { status: 'miss' };
    return { status: 'hit', rowCount: found.rowCount, ageMs: Math.max(0, cache.now() - found.startedAtMs) };
  }
}
