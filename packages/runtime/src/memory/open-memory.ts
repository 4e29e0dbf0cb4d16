import { availableParallelism } from 'node:os';
import { type MemoryHold, MillraceError } from '@millrace/core';
import type { DatabaseMemory } from '@millrace/duckdb';
import type { ResolvedConfig } from '../config/index.ts';
import { formatBytes } from './format-bytes.ts';
import { MEMORY_LIMIT_FORM, type MemoryLimit, readMemoryLimit, toLimitBytes } from './memory-limit.ts';
import { SharedMemory } from './shared-memory.ts';

const MEBIBYTE = 2 ** 20;
/** With less, loads of wide tables and joins fail though they could spill. */
const ENGINE_BYTES = 64 * MEBIBYTE;
/** What each thread that inserts or sorts needs at least. */
const THREAD_BYTES = 32 * MEBIBYTE;
const CACHE_SETTING = 'runtime.caching.sql_results.max_size';
const PLANNING_BYTES = { min: 16 * MEBIBYTE, max: 256 * MEBIBYTE };

/** The memory of a runtime, and what of it the query engine is made with. */
export interface RuntimeMemory {
  readonly budget: SharedMemory;
  /** Of the instance that runs statements. */
  readonly engine: DatabaseMemory;
  /** What the results cache may hold; 0 where there is none. */
  readonly resultsCache: MemoryHold;
  /** Of each instance that only parses and plans, as DuckDB reads it: it holds no rows, and nothing at all between statements. */
  readonly planningLimit: string;
  /** Threads that there is memory for; undefined where every core may have one. */
  readonly threads: number | undefined;
}

/**
 * Opens the memory of a runtime, with parts set aside for parsing and planning and for the results cache.
 *
 * @throws MillraceError `invalid_argument` for a limit that cannot be read, `invalid_config` for one that is too small.
 */
export async function openMemory(
  config: Pick<ResolvedConfig, 'memoryLimit' | 'resultsCache'>,
  override: string | undefined,
): Promise<RuntimeMemory> {
  const bytes = toLimitBytes(override === undefined ? config.memoryLimit : readOverride(override));
  const budget = new SharedMemory(bytes);
  const planningBytes = Math.min(PLANNING_BYTES.max, Math.max(PLANNING_BYTES.min, Math.floor(bytes / 16)));
  await budget.hold({ component: 'query planning', bytes: planningBytes, setting: 'runtime.memory_limit' });
  const cacheBytes = config.resultsCache?.maxBytes ?? 0;
  requireRoom(cacheBytes, bytes - planningBytes - ENGINE_BYTES);
  const resultsCache = await budget.hold({ component: 'results cache', bytes: cacheBytes, setting: CACHE_SETTING });
  const threads = Math.max(2, Math.floor(bytes / THREAD_BYTES));
  return {
    budget,
    engine: { budget: budget.forMain(), minBytes: ENGINE_BYTES },
    resultsCache,
    planningLimit: `${Math.floor(bytes / 4 / MEBIBYTE)}MiB`,
    threads: threads <= availableParallelism() ? threads : undefined,
  };
}

/** What is left once the query engine has what it needs at least. */
function requireRoom(cacheBytes: number, leftBytes: number): void {
  if (cacheBytes <= leftBytes) return;
  throw new MillraceError({
    code: 'invalid_config',
    component: 'configuration',
    message: `\`${CACHE_SETTING}\` is ${formatBytes(cacheBytes)}, and \`runtime.memory_limit\` leaves ${formatBytes(leftBytes)} beside what the query engine needs at least`,
    hint: `Lower \`${CACHE_SETTING}\`, or raise \`runtime.memory_limit\``,
  });
}

function readOverride(text: string): MemoryLimit {
  const limit = readMemoryLimit(text);
  if (limit) return limit;
  throw new MillraceError({
    code: 'invalid_argument',
    component: 'runtime',
    message: `\`memoryLimit\` must be ${MEMORY_LIMIT_FORM}`,
    hint: 'Write for example 2GiB or 50%',
  });
}
