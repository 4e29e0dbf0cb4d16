export { canRaise, type FieldOfPath, toConjunctionSql, toExpressionSql, toSortKeySql } from './expression-sql.ts';
