export { CHANGE_TYPE_COLUMN, type ChangeType, changeColumns } from './change-rows.ts';
export { memoryConnector } from './connector.ts';
export { createMemoryTable } from './create-memory-table.ts';
export { type MemoryDatabase, type MemoryTableName, memoryDatabase } from './database.ts';
export { PARTITION_COLUMN, ROW_ID_COLUMN } from './metadata-columns.ts';
export { memoryParameters } from './parameters.ts';
export type { MemoryTable } from './table.ts';
export type { MemoryRow, MemoryTableOptions } from './table-options.ts';
