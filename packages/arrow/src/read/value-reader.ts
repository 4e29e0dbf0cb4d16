import { type ColumnData, DateUnit, TimeUnit, TypeId } from '@millrace/core';
import { normalizeColumn } from '../reshape/normalize-column.ts';
import { formatDate } from '../values/calendar.ts';
import { formatDecimal } from '../values/decimal.ts';
import { formatTime, formatTimestamp } from '../values/time-text.ts';
import { createLiteralScalarReader } from './literal-reader.ts';
import { createNestedReader, type Reader } from './nested-reader.ts';
import type { RowValue } from './row-value.ts';
import { createCountReader } from './scalar-access.ts';

/**
 * Reads a column's values as users see them ({@link RowValue}), exactly.
 *
 * The type is resolved once; the function that comes back does not check `row` against the length. A date64 that is no
 * whole day is written as a timestamp, because a date would lose its time.
 *
 * @throws MillraceError `invalid_data` for buffers that do not fit the column, or (when read) text that is not UTF-8.
 */
export function createValueReader(column: ColumnData): (row: number) => RowValue {
  return createNestedReader(normalizeColumn(column), { scalar: scalarReader, union: 'plain' });
}

function scalarReader(column: ColumnData): Reader {
  const { type } = column;
  const literal = createLiteralScalarReader(column);
  switch (type.typeId) {
    case TypeId.Decimal: {
      const scale = type.scale ?? 0;
      return (row) => formatDecimal(literal(row) as bigint, scale);
    }
    case TypeId.Date:
      return type.unit === DateUnit.Millisecond
        ? dateMillisecondReader(column)
        : (row) => formatDate(literal(row) as number);
    case TypeId.Time: {
      const unit = type.unit ?? TimeUnit.Microsecond;
      return (row) => formatTime(literal(row) as bigint, unit);
    }
    case TypeId.Timestamp: {
      const unit = type.unit ?? TimeUnit.Microsecond;
      const zone = type.timezone ? 'Z' : '';
      return (row) => formatTimestamp(literal(row) as bigint, unit) + zone;
    }
    case TypeId.Binary:
    case TypeId.LargeBinary:
    case TypeId.FixedSizeBinary:
      return (row) => new Uint8Array(literal(row) as Uint8Array);
    default:
      return literal;
  }
}

function dateMillisecondReader(column: ColumnData): Reader {
  const count = createCountReader(column);
  return (row) => {
    const text = formatTimestamp(count(row), TimeUnit.Millisecond);
    return text.endsWith('T00:00:00') ? text.slice(0, -'T00:00:00'.length) : text;
  };
}
