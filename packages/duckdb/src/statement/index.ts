export { mayLimitRows } from './may-limit-rows.ts';
export type { ParameterUse } from './parameter-use.ts';
export type { PlaceTable, WrittenTable } from './place-tables.ts';
export { quoteIdentifier, quoteTableName } from './quote-identifier.ts';
export { fieldLiteral, toSqlLiteral } from './sql-literal.ts';
export { type SqlToken, tokenizeSql } from './sql-token.ts';
export type { RowLimits, StatementInfo, StatementText } from './statement-info.ts';
export { createStatementInspector, type StatementInspector } from './statement-inspector.ts';
export { substituteParameters } from './substitute-parameters.ts';
