import type { RecordBatch } from '@millrace/core';
import type { Breather } from './breather.ts';
import { bindConjunction, type Predicate } from './predicate.ts';

/** Rows that are looked at between two looks at the clock. */
const WINDOW_ROWS = 2_048;

/** The rows of a batch on both sides of a condition, each in ascending order. */
export interface SplitRows {
  /** Rows that make every predicate TRUE. */
  readonly passing: Uint32Array;
  readonly failing: Uint32Array;
}

/**
 * Divides the rows of a batch by predicates. Its columns must be normalized, as `normalizeColumn` makes them.
 *
 * @throws MillraceError `cancelled` by the breather, `invalid_data` where a predicate cannot be computed.
 */
export async function splitRows(
  batch: RecordBatch,
  predicates: readonly Predicate[],
  breather: Breather,
): Promise<SplitRows> {
  const passes = bindConjunction(predicates, batch);
  const { numRows } = batch;
  const passing = new Uint32Array(numRows);
  const failing = new Uint32Array(numRows);
  let passed = 0;
  let failed = 0;
  for (let start = 0; start < numRows; start += WINDOW_ROWS) {
    const end = Math.min(start + WINDOW_ROWS, numRows);
    for (let row = start; row < end; row++) {
      if (passes(row)) passing[passed++] = row;
      else failing[failed++] = row;
    }
    await breather.breathe();
  }
  return { passing: passing.subarray(0, passed), failing: failing.subarray(0, failed) };
}
