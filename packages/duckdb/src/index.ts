export { EXTENSION, extensionDetail, extensionMetadata, extensionName } from './type-mapping/extension.ts';
export { fromDuckDbType } from './type-mapping/from-duckdb-type.ts';
export { sqlTypeText, toDuckDbType } from './type-mapping/to-duckdb-type.ts';
export { toLogicalType } from './type-mapping/to-logical-type.ts';
