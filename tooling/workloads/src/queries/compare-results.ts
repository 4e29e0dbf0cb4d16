import type { RowValue } from '@millrace/arrow';

/** Rows as arrays in the order of the columns. */
export type ResultRows = readonly (readonly RowValue[])[];

const SHOWN_LENGTH = 400;

/**
 * Compares two results as multisets of rows, value by value and exactly; undefined when they are equal, otherwise a text that shows
 * the first row that one of them has more often.
 *
 * A number and a bigint differ, as do `1.0` and `1.00` as decimals: types have to agree. NaN equals NaN, and −0 equals 0, because the
 * engine may keep either where it groups or compares.
 */
export function compareResults(left: ResultRows, right: ResultRows): string | undefined {
  const counts = new Map<string, number>();
  for (const row of left) add(counts, encode(row), 1);
  for (const row of right) add(counts, encode(row), -1);
  for (const [key, count] of counts) {
    if (count === 0) continue;
    const side = count > 0 ? 'left' : 'right';
    const shown = key.length > SHOWN_LENGTH ? `${key.slice(0, SHOWN_LENGTH)}…` : key;
    return `${left.length} rows on the left, ${right.length} on the right; ${Math.abs(count)} more on the ${side} of ${shown}`;
  }
  return undefined;
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

/** A text that is equal exactly for values that are. */
function encode(value: RowValue): string {
  switch (typeof value) {
    case 'number':
      return value === 0 ? '0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return String(value);
    default:
      return encodeObject(value);
  }
}

function encodeObject(value: Extract<RowValue, object | null>): string {
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
  if (Array.isArray(value)) return `[${value.map((item: RowValue) => encode(item)).join(', ')}]`;
  const members = Object.entries(value as Readonly<Record<string, RowValue>>);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}: ${encode(member)}`).join(', ')}}`;
}
