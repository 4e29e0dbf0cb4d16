import { type Expr, TypeId } from '@millrace/core';
import { formatDate, quoteIdentifier } from '@millrace/sqlite';
import type { TableColumn, TableDescription } from './describe-table.ts';

/** A condition with its values, which are texts. */
export interface DayRange {
  readonly sql: string;
  readonly values: readonly string[];
}

const DAY_MICROS = 86_400_000_000n;

/**
 * The days in which a comparison of a timestamp column with a literal can be true, as a range of texts. One moment can be written in
 * several ways, which do not compare as text; but every one of them begins with its date, so that whole days do, and an index answers them.
 *
 * @returns undefined for any other expression.
 */
export function dayRangeOf(filter: Expr, { columns, isUtf8 }: TableDescription): DayRange | undefined {
  if (filter.kind !== 'call' || !isUtf8) return undefined;
  const [left, right] = filter.args;
  const isFlipped = left?.kind === 'literal';
  const [column, literal] = isFlipped ? [right, left] : [left, right];
  if (column?.kind !== 'column' || literal?.kind !== 'literal' || typeof literal.value !== 'bigint') return undefined;
  const found = columns.find(({ field }) => column.path.length === 1 && field.name === column.path[0]);
  if (found === undefined || !isTimestampText(found) || !isAlike(found, literal.type)) return undefined;
  // A text with an offset may bear the date of the day before or after.
  const slack = found.codec.kind === 'timestamp' && found.codec.hasZone ? 1 : 0;
  const day = Number(floorDivide(literal.value, DAY_MICROS));
  const first = formatDate(day - slack);
  const end = formatDate(day + slack + 1);
  if (first === undefined || end === undefined) return undefined;
  const name = quoteIdentifier(found.name);
  const above: DayRange = { sql: `${name} >= ?`, values: [first] };
  const below: DayRange = { sql: `${name} < ?`, values: [end] };
  switch (filter.function) {
    case 'eq':
      return { sql: `${above.sql} AND ${below.sql}`, values: [first, end] };
    case 'gt':
    case 'ge':
      return isFlipped ? below : above;
    case 'lt':
    case 'le':
      return isFlipped ? above : below;
    default:
      return undefined;
  }
}

function isTimestampText({ codec, collation, onConflict }: TableColumn): boolean {
  return codec.kind === 'timestamp' && collation === 'BINARY' && onConflict === 'error';
}

/** Only a literal in the column's own unit, and of an instant beside an instant. */
function isAlike({ field }: TableColumn, type: Expr['type']): boolean {
  return (
    type.typeId === TypeId.Timestamp &&
    type.unit === field.type.unit &&
    (type.timezone == null) === (field.type.timezone == null)
  );
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}
