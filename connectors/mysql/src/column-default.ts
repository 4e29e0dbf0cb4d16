import { type DataType, type Expr, TypeId } from '@millrace/core';
import type { ColumnDescription } from './type-mapping.ts';

/**
 * The default of a column as a literal, where it is a text or an integer; undefined for none, for NULL, and for expressions. MariaDB
 * describes a default as it would be written (`'a'`, `1`), MySQL by its value.
 */
export function columnDefault(
  column: ColumnDescription,
  type: DataType,
  product: 'mysql' | 'mariadb',
): Expr | undefined {
  const text = column.default;
  if (text === undefined || column.isGenerated) return undefined;
  switch (type.typeId) {
    case TypeId.Utf8: {
      if (product === 'mysql') return { kind: 'literal', value: text, type };
      const quoted = /^'((?:[^']|'')*)'$/s.exec(text);
      return quoted === null ? undefined : { kind: 'literal', value: quoted[1]!.replaceAll("''", "'"), type };
    }
    case TypeId.Int:
      if (!/^-?\d+$/.test(text)) return undefined;
      return { kind: 'literal', value: type.bitWidth === 64 ? BigInt(text) : Number(text), type };
    default:
      return undefined;
  }
}
