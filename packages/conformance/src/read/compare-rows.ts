import type { RowValue } from '@millrace/arrow';
import { rowKey } from './row-key.ts';

type Rows = readonly (readonly RowValue[])[];

/** How two results differ. */
export interface RowDifference {
  readonly expected: string;
  readonly found: string;
  readonly firstDifference: string;
}

/** Longest text of a row in a message. */
const SHOWN_LENGTH = 300;

/** Compares two results as multisets; undefined when they hold the same rows equally often. */
export function compareMultisets(found: Rows, expected: Rows): RowDifference | undefined {
  const counts = new Map<string, number>();
  for (const row of expected) add(counts, rowKey(row), 1);
  for (const row of found) add(counts, rowKey(row), -1);
  for (const [key, count] of counts) {
    if (count === 0) continue;
    const difference =
      count > 0 ? `${times(count)} missing: ${shown(key)}` : `${times(-count)} too many: ${shown(key)}`;
    return { expected: `${expected.length} rows`, found: `${found.length} rows`, firstDifference: difference };
  }
  return undefined;
}

/** Finds a row of `part` that is not in `whole` as often; undefined when `part` is a sub-multiset. */
export function findForeignRow(part: Rows, whole: Rows): string | undefined {
  const counts = new Map<string, number>();
  for (const row of whole) add(counts, rowKey(row), 1);
  for (const row of part) {
    const key = rowKey(row);
    const left = counts.get(key) ?? 0;
    if (left === 0) return shown(key);
    counts.set(key, left - 1);
  }
  return undefined;
}

/** Compares two results row by row; undefined when they are equal. */
export function compareInOrder(found: Rows, expected: Rows): RowDifference | undefined {
  const length = Math.max(found.length, expected.length);
  for (let index = 0; index < length; index += 1) {
    const left = expected[index] === undefined ? 'no row' : rowKey(expected[index]!);
    const right = found[index] === undefined ? 'no row' : rowKey(found[index]!);
    if (left === right) continue;
    return {
      expected: `${expected.length} rows`,
      found: `${found.length} rows`,
      firstDifference: `row ${index}: expected ${shown(left)}, found ${shown(right)}`,
    };
  }
  return undefined;
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function shown(key: string): string {
  return key.length <= SHOWN_LENGTH ? key : `${key.slice(0, SHOWN_LENGTH)}… (${key.length} characters)`;
}
