import type { TableName } from '@millrace/duckdb';
import { LRUCache } from 'lru-cache';
import type { ResultsCacheConfig } from '../config/index.ts';
import { tableKey } from '../query/engine-table.ts';
import { type CachedResult, isSameSource, type ResultSource } from './cached-result.ts';

/** What a results cache has done since the runtime was made, and what it holds. */
export interface ResultsCacheStats {
  /** Statements that were answered from the cache. */
  readonly hits: number;
  /** Statements that could have been, and were not. */
  readonly misses: number;
  /** Statements that the cache takes no part in: not deterministic, asked with `cache: 'off'`, not about rows. */
  readonly bypasses: number;
  readonly itemCount: number;
  /** Of the Arrow buffers, with what it costs to keep them. */
  readonly byteCount: number;
  readonly maxByteCount: number;
  /** Results that gave way to newer ones. */
  readonly evictions: number;
  /** Results that were dropped because a table that they were computed from has changed. */
  readonly invalidations: number;
}

/** What is counted over all the settings that a cache has had. */
export interface ResultsCacheCounts {
  hits: number;
  misses: number;
  bypasses: number;
  evictions: number;
  invalidations: number;
}

/** Counts of which nothing has happened yet. */
export function createResultsCacheCounts(): ResultsCacheCounts {
  return { hits: 0, misses: 0, bypasses: 0, evictions: 0, invalidations: 0 };
}

/** The share of the limit that one result may take. */
const MAX_SHARE = 1 / 8;

/** What an entry costs beside its buffers and its key, about. */
const ENTRY_OVERHEAD = 1_024;

/** Results by statement, the least recently used of which give way. It never serves one whose tables have changed. */
export class ResultsCache {
  /** Bytes of the largest result that is kept. */
  readonly maxResultBytes: number;
  readonly now: () => number;
  readonly #config: ResultsCacheConfig;
  readonly #results: LRUCache<string, CachedResult>;
  readonly #counts: ResultsCacheCounts;

  /** `now` tells milliseconds from any moment on, above 0; `counts` go on from what they are. */
  constructor(
    config: ResultsCacheConfig,
    now: () => number = () => performance.now(),
    counts: ResultsCacheCounts = createResultsCacheCounts(),
  ) {
    this.#config = config;
    this.now = now;
    this.#counts = counts;
    this.maxResultBytes = Math.max(1, Math.floor(config.maxBytes * MAX_SHARE));
    this.#results = new LRUCache({
      maxSize: config.maxBytes,
      maxEntrySize: this.maxResultBytes,
      sizeCalculation: ({ byteCount }, key) => byteCount + 2 * key.length + ENTRY_OVERHEAD,
      ttl: config.itemTtlMs,
      ttlResolution: 0,
      perf: { now },
      dispose: (_result, _key, reason) => {
        if (reason === 'evict') this.#counts.evictions += 1;
      },
    });
  }

  stats(): ResultsCacheStats {
    this.#results.purgeStale();
    return {
      ...this.#counts,
      itemCount: this.#results.size,
      byteCount: this.#results.calculatedSize,
      maxByteCount: this.#config.maxBytes,
    };
  }

  /** The result of a statement, if there is one of these very tables; counted as a hit or a miss. */
  find(key: string, source: ResultSource): CachedResult | undefined {
    const found = this.peek(key, source);
    if (found) {
      this.#results.get(key);
      this.#counts.hits += 1;
    } else this.#counts.misses += 1;
    return found;
  }

  /** As {@link find}, without a trace. */
  peek(key: string, source: ResultSource): CachedResult | undefined {
    const found = this.#results.peek(key);
    return found && isSameSource(found.source, source) ? found : undefined;
  }

  /** Notes a statement that the cache takes no part in. */
  bypass(): void {
    this.#counts.bypasses += 1;
  }

  /** Keeps a result, unless it is older or larger than any that is kept. */
  store(key: string, result: CachedResult): void {
    if (this.now() - result.startedAtMs >= this.#config.itemTtlMs) return;
    this.#results.set(key, result, { start: result.startedAtMs });
  }

  /** Drops the results that were computed from a table or view of that name. */
  invalidate(name: TableName): void {
    const wanted = tableKey(name);
    const isOf = (each: { readonly name: TableName }): boolean => tableKey(each.name) === wanted;
    const isStale = ({ source }: CachedResult): boolean => source.tables.some(isOf) || source.views.some(isOf);
    const stale = [...this.#results.entries()].filter(([, result]) => isStale(result));
    for (const [key] of stale) this.#results.delete(key);
    this.#counts.invalidations += stale.length;
  }

  clear(): void {
    this.#results.clear();
  }
}
