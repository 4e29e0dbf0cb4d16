export {
  canRaise,
  type FieldOfPath,
  INFIX_OPERATORS,
  toConjunctionSql,
  toExpressionSql,
  toSortKeySql,
} from './expression-sql.ts';
