export { AcceleratorLife } from './accelerator-life.ts';
export { createBatchRestorer, type Restore } from './batch-restorer.ts';
export { bootstrapStatus, type CheckpointRow, type StoredVersion, type WantedTable } from './bootstrap-status.ts';
export { changedTable } from './changed-table.ts';
export { checkedChanges } from './checked-changes.ts';
export {
  CHECKPOINT_COLUMNS,
  type CheckpointValues,
  decodeCheckpoint,
  encodeCheckpoint,
  type NewCheckpoint,
  toCheckpoint,
} from './checkpoint-row.ts';
export { constraintsOf } from './constraints-of.ts';
export { type NameRules, requireDistinctNames } from './distinct-names.ts';
export { type FileCommand, FilePlace, type FilePlaceParts } from './file-place.ts';
export { LoadWriter, type LoadWriterParts, type RowSink } from './load-writer.ts';
export { notUnique } from './not-unique.ts';
export { type PackedColumn, packColumn, rebuildColumn, unpackColumn } from './packed-column.ts';
export { createProcessFolder, type ProcessFolder } from './process-folder.ts';
export { type LoadStart, type RefreshPhase, RefreshStates, type RefreshStatesParts } from './refresh-states.ts';
export { createRefuse, type Origin, type Refuse } from './refuse.ts';
export { requireCurrentRows } from './require-current-rows.ts';
export { type CountedScan, scanStatistics } from './scan-statistics.ts';
export { stagedChangeSchema } from './staged-change-schema.ts';
export { type StorageRules, storableSchema } from './storable-schema.ts';
export { TableLife, type TableLifeParts } from './table-life.ts';
export { type VersionNames, versionNames } from './version-names.ts';
