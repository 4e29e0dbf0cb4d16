import type { Benchmark } from './benchmark.ts';
import { acceleratedQuery } from './benchmarks/accelerated-query.ts';
import { arrowLoad } from './benchmarks/arrow-load.ts';
import { arrowResult } from './benchmarks/arrow-result.ts';
import { eventLoopDelay } from './benchmarks/event-loop-delay.ts';
import { fixedCost } from './benchmarks/fixed-cost.ts';
import { gain } from './benchmarks/gain.ts';
import { lookup } from './benchmarks/lookup.ts';
import { mysqlSource } from './benchmarks/mysql.ts';
import { postgresSource } from './benchmarks/postgres.ts';
import { refreshContract } from './benchmarks/refresh-contract.ts';
import { refreshDelay } from './benchmarks/refresh-delay.ts';
import { refreshNative } from './benchmarks/refresh-native.ts';
import { refreshPostgres } from './benchmarks/refresh-postgres.ts';
import { refreshSqlite } from './benchmarks/refresh-sqlite.ts';
import { resultMemory } from './benchmarks/result-memory.ts';
import { sqliteSource } from './benchmarks/sqlite.ts';

/** Every benchmark, in the order of the report. */
export const BENCHMARKS: readonly Benchmark[] = [
  acceleratedQuery,
  fixedCost,
  lookup,
  arrowResult,
  arrowLoad,
  refreshNative,
  refreshContract,
  refreshSqlite,
  refreshPostgres,
  eventLoopDelay,
  refreshDelay,
  resultMemory,
  gain,
  postgresSource,
  mysqlSource,
  sqliteSource,
];
