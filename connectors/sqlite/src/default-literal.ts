import { type DataType, type Expr, TypeId } from '@millrace/core';

/**
 * A column's DEFAULT as a literal of the column's type. Undefined for an expression and for a literal of another kind: SQLite keeps
 * defaults as text, and only evaluates them for a row that is written.
 */
export function defaultLiteral(sql: string, type: DataType): Expr | undefined {
  if (/^null$/i.test(sql)) return { kind: 'literal', value: null, type };
  const text = /^'((?:[^']|'')*)'$/.exec(sql)?.[1]?.replaceAll("''", "'");
  switch (type.typeId) {
    case TypeId.Utf8:
      return text === undefined ? undefined : { kind: 'literal', value: text, type };
    case TypeId.Int:
      return /^[+-]?\d+$/.test(sql) && type.bitWidth === 64 ? { kind: 'literal', value: BigInt(sql), type } : undefined;
    case TypeId.Float:
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(sql)
        ? { kind: 'literal', value: Number(sql), type }
        : undefined;
    case TypeId.Bool:
      return /^(0|1|true|false)$/i.test(sql) ? { kind: 'literal', value: /^(1|true)$/i.test(sql), type } : undefined;
    default:
      return undefined;
  }
}
