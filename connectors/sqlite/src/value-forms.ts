import { TypeId } from '@millrace/core';
import type { BoundParameter } from '@millrace/sql';
import { formatDate, type SqliteValue, type SqliteValueForms } from '@millrace/sqlite';

/** How programs keep values in the types that {@link TYPE_RULES} list: dates as texts, decimals as doubles. */
export const valueForms: SqliteValueForms = {
  toSqliteValue,
  isListed: ({ typeId }) => typeId === TypeId.Int || typeId === TypeId.Utf8 || typeId === TypeId.Date,
};

const INT64_LIMIT = 2n ** 63n;

/** A bound value in the form in which the column has it; undefined for what cannot be bound so that it compares right. */
function toSqliteValue({ value, type }: BoundParameter): SqliteValue | undefined {
  if (Array.isArray(value)) return toJsonList({ value, type });
  if (value === null) return null;
  switch (type.typeId) {
    case TypeId.Bool:
      return value === true ? 1n : 0n;
    case TypeId.Int: {
      if (typeof value !== 'bigint' && typeof value !== 'number') return undefined;
      const integer = BigInt(value);
      return integer < INT64_LIMIT && integer >= -INT64_LIMIT ? integer : undefined;
    }
    case TypeId.Float:
      return typeof value === 'number' && !Number.isNaN(value) ? value : undefined;
    case TypeId.Decimal:
      return typeof value === 'bigint' && (type.precision ?? 38) <= 15
        ? Number(decimalText(value, type.scale ?? 0))
        : undefined;
    case TypeId.Date:
      return typeof value === 'number' ? formatDate(value) : undefined;
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
      return typeof value === 'string' ? value : undefined;
    case TypeId.Binary:
    case TypeId.LargeBinary:
    case TypeId.FixedSizeBinary:
      return value instanceof Uint8Array ? value : undefined;
    default:
      return undefined;
  }
}

/** A list as JSON, for `json_each`: integers, texts and dates arrive there as they left. */
function toJsonList({ value, type }: BoundParameter): string | undefined {
  const items = (value as readonly BoundParameter['value'][]).map((item) => toSqliteValue({ value: item, type }));
  if (items.includes(undefined)) return undefined;
  return `[${items.map((item) => (typeof item === 'bigint' ? String(item) : JSON.stringify(item))).join(',')}]`;
}

function decimalText(unscaled: bigint, scale: number): string {
  return `${unscaled}e-${scale}`;
}
