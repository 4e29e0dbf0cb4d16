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
