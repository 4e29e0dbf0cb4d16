export {
  type CheckPredicatesRequest,
  checkPredicates,
  type PredicateReport,
  type PredicateRuntime,
  type PredicateScan,
  type PredicateStatementOptions,
} from './predicates/check-predicates.ts';
export {
  createPredicateGenerator,
  type GeneratedPredicate,
  type PredicateGenerator,
  type PredicateGeneratorOptions,
} from './predicates/create-predicate-generator.ts';
export { compareResults, type ResultRows } from './queries/compare-results.ts';
export {
  createQueryGenerator,
  type GeneratedQuery,
  type QueryGenerator,
  type QueryGeneratorOptions,
} from './queries/create-query-generator.ts';
export { createSampleTables, type SampleTable } from './queries/sample-tables.ts';
export { createRandom, type Random } from './random/random.ts';
export { generateTpch, type TpchOptions } from './tpch/generate-tpch.ts';
export { TPCH_QUERIES, type TpchQuery } from './tpch/tpch-queries.ts';
export type { TpchTableName } from './tpch/tpch-schemas.ts';
export type { TpchTable } from './tpch/tpch-table.ts';
export {
  type TpchFile,
  type TpchFileFormat,
  type TpchFiles,
  type WriteTpchRequest,
  writeTpchFiles,
} from './tpch/write-tpch-files.ts';
