import { type Breather, sliceBatch } from '@millrace/arrow';
import type { Expr, RecordBatch } from '@millrace/core';
import { BLOCK_ROWS, type Bounds, boundsOf } from './block-bounds.ts';
import { type BlockFilter, type BlockFilterScope, compileBlockFilter } from './block-filter.ts';

/** Which blocks of rows filters leave to be read. */
export interface BlockSelection {
  /** Rows in order; neighbouring blocks of a batch are one run, and a batch that is read whole is the very same. */
  readonly batches: readonly RecordBatch[];
  readonly rowCount: number;
  readonly blockCount: number;
  readonly readCount: number;
  /** For each filter: whether it can rule blocks out. */
  readonly canRuleOut: readonly boolean[];
}

/** What is looked at. */
export interface BlockRequest {
  readonly batches: readonly RecordBatch[];
  readonly filters: readonly Expr[];
  readonly scope: BlockFilterScope;
  readonly breather: Breather;
}

/**
 * Leaves out the blocks in which no row makes every filter TRUE, by the least and the greatest values of their columns. The rest holds every row
 * that does, and others.
 *
 * @throws MillraceError `cancelled` by the breather.
 */
export async function selectBlocks({ batches, filters, scope, breather }: BlockRequest): Promise<BlockSelection> {
  const compiled = filters.map((filter) => compileBlockFilter(filter, scope));
  const tests = compiled.filter((test) => test !== undefined);
  const selected: RecordBatch[] = [];
  let rowCount = 0;
  let blockCount = 0;
  let readCount = 0;
  for (const batch of batches) {
    const count = Math.ceil(batch.numRows / BLOCK_ROWS);
    const passes = await blockTest(batch, tests, breather);
    blockCount += count;
    for (let block = 0; block < count; block++) {
      if (!passes(block)) continue;
      const first = block;
      while (block + 1 < count && passes(block + 1)) block++;
      readCount += block + 1 - first;
      const run = sliceBatch(batch, first * BLOCK_ROWS, Math.min((block + 1) * BLOCK_ROWS, batch.numRows));
      selected.push(run.numRows === batch.numRows ? batch : run);
      rowCount += run.numRows;
    }
  }
  return { batches: selected, rowCount, blockCount, readCount, canRuleOut: compiled.map((test) => test !== undefined) };
}

async function blockTest(
  { data: { children } }: RecordBatch,
  filters: readonly BlockFilter[],
  breather: Breather,
): Promise<(block: number) => boolean> {
  const tests: ((block: number) => boolean)[] = [];
  for (const { measures, mayPass } of filters) {
    const bounds: (readonly Bounds[] | undefined)[] = [];
    for (const { ordinal, part } of measures) {
      const column = children[ordinal];
      bounds.push(column && (await boundsOf(column, part, breather)));
    }
    tests.push((block) => mayPass(bounds.map((ofColumn) => ofColumn?.[block])));
  }
  return (block) => tests.every((test) => test(block));
}
