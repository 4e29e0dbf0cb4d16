export { adoptBatch, adoptTable } from './adopt/adopt-batch.ts';
export { adoptSchema, adoptType } from './adopt/adopt-schema.ts';
export { batchFromColumns, type ColumnInput } from './build/batch-from-columns.ts';
export { batchFromRows } from './build/batch-from-rows.ts';
export type { BuildValue } from './build/build-value.ts';
export { type ColumnBuilder, createColumnBuilder } from './build/column-builder.ts';
export { type Breather, createBreather } from './evaluate/breather.ts';
export { compileColumnTest, type RowTest } from './evaluate/column-test.ts';
export { compileExpression } from './evaluate/compile.ts';
export type { Compiled, Evaluator } from './evaluate/compiled.ts';
export { createNullTest } from './evaluate/null-test.ts';
export {
  bindConjunction,
  compilePredicate,
  type FilterPlan,
  type Predicate,
  planFilter,
} from './evaluate/predicate.ts';
export { composeKey, createKeyReader, type KeyPart, type KeyReader, type RowKey } from './evaluate/row-key.ts';
export { type SplitRows, splitRows } from './evaluate/split-rows.ts';
export { turnAgeMs } from './evaluate/turn-age.ts';
export {
  type CommonForm,
  commonForm,
  type Scalar,
  scalarKey,
  scaleOf,
  type ValueForm,
  valueForm,
} from './evaluate/value-form.ts';
export type { IpcSource } from './ipc/open-source.ts';
export { type IpcContent, readIpc } from './ipc/read-ipc.ts';
export { writeIpcStream } from './ipc/write-ipc-stream.ts';
export { createLiteralReader } from './read/literal-reader.ts';
export type { LiteralLike, RowValue } from './read/row-value.ts';
export { rowArraysFromBatch, rowsFromBatch } from './read/rows.ts';
export { uniqueNames } from './read/unique-names.ts';
export { createValueReader } from './read/value-reader.ts';
export { projectBatch, sliceBatch } from './reshape/batch-slices.ts';
export { concatBatches } from './reshape/concat-batches.ts';
export { emptyBatch } from './reshape/empty-batch.ts';
export { normalizeColumn } from './reshape/normalize-column.ts';
export { takeRows } from './reshape/take-rows.ts';
export { takeRowsInTurns } from './reshape/take-rows-in-turns.ts';
export {
  type ChangedTable,
  type ChangeEffect,
  changeTypesOf,
  checkChanges,
  createEffectReader,
} from './schema/check-changes.ts';
export { type BatchTaker, checkColumns } from './schema/check-columns.ts';
export { describeType } from './schema/describe-type.ts';
export { schemaFromJson, schemaToJson } from './schema/schema-json.ts';
export { fieldsEqual, schemasEqual, typesEqual } from './schema/schemas-equal.ts';
export { packValue, unpackValue } from './values/packed-value.ts';
