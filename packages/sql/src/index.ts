export { ansiFunctions, castWriter, infix, named } from './ansi-functions.ts';
export type { Dialect, ListTest } from './dialect.ts';
export type { FunctionWriter, WrittenCall } from './function-writer.ts';
export { type PlannedSelect, planSelect, type SqlTable } from './plan-select.ts';
export type { ColumnSemantics, SemanticsProfile, SpecialValue } from './semantics-profile.ts';
export type { SourceColumn } from './source-column.ts';
export type { BoundParameter, SqlText } from './sql-text.ts';
export { likePartsOf, type PatternPart, readLikePattern, writeLikePattern } from './translate/like-pattern.ts';
export { type TranslatedFilter, translateFilter } from './translate-filter.ts';
