import { Buffer } from 'node:buffer';
import type { RowValue } from '@millrace/arrow';

/** A text that is equal for equal rows only: it tells -0 from 0, a bigint from a number, bytes from text. */
export function rowKey(row: readonly RowValue[]): string {
  return row.map(valueKey).join(' | ');
}

/** A text that is equal for equal values only; long ones are cut in the middle and tell their length. */
export function valueKey(value: RowValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return `[${value.map(valueKey).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([name, member]) => `${JSON.stringify(name)}: ${valueKey(member as RowValue)}`)
    .join(', ')}}`;
}
