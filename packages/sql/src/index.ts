export type { Dialect } from './dialect.ts';
export type { FunctionWriter, WrittenCall } from './function-writer.ts';
export type { PlannedSelect, SqlTable } from './plan-select.ts';
export type { ColumnSemantics, SemanticsProfile } from './semantics-profile.ts';
export type { SourceColumn } from './source-column.ts';
export type { BoundParameter, SqlText } from './sql-text.ts';
