import type { Breather } from './breather.ts';
import { takeChunk } from './chunks.ts';
import { bindConjunction, type Predicate } from './expression/predicate.ts';
import type { Chunk } from './snapshot.ts';

/** Rows that are looked at between two looks at the clock. */
const WINDOW_ROWS = 8192;

/** Chunks divided by a condition; chunks that are wholly on one side are shared, not copied. */
export interface SplitChunks {
  /** Rows that make every predicate TRUE. */
  readonly selected: readonly Chunk[];
  readonly rest: readonly Chunk[];
}

/** Divides the rows of chunks by predicates. */
export async function splitChunks(
  chunks: readonly Chunk[],
  predicates: readonly Predicate[],
  breather: Breather,
): Promise<SplitChunks> {
  const selected: Chunk[] = [];
  const rest: Chunk[] = [];
  for (const chunk of chunks) {
    const passes = bindConjunction(predicates, chunk.batch);
    const { numRows } = chunk.batch;
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
    if (passed === numRows) selected.push(chunk);
    else if (passed === 0) rest.push(chunk);
    else {
      selected.push(takeChunk(chunk, passing.subarray(0, passed)));
      rest.push(takeChunk(chunk, failing.subarray(0, failed)));
    }
  }
  return { selected, rest };
}
