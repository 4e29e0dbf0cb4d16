import { type Breather, type Predicate, splitRows } from '@millrace/arrow';
import { takeChunk } from './chunks.ts';
import type { Chunk } from './snapshot.ts';

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
    const { passing, failing } = await splitRows(chunk.batch, predicates, breather);
    if (failing.length === 0) selected.push(chunk);
    else if (passing.length === 0) rest.push(chunk);
    else {
      selected.push(takeChunk(chunk, passing));
      rest.push(takeChunk(chunk, failing));
    }
  }
  return { selected, rest };
}
