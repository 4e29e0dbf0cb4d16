import { batchFromColumns } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';
import { createRandom } from '../random/random.ts';
import { amountColumn, integerColumn, longColumn } from './number-columns.ts';
import { SUPPLIERS_PER_PART, supplierOfPart } from './scale.ts';
import { createTextColumn } from './text-column.ts';
import { TPCH_SCHEMAS } from './tpch-schemas.ts';
import { type RowRange, rowRanges, type TpchSource, type TpchTable } from './tpch-table.ts';

const BATCH_ROWS = 32_768;
const COMMENT = { min: 49, max: 198 };

/** The four suppliers of each part. */
export function partsuppTable(source: TpchSource): TpchTable {
  return { name: 'partsupp', schema: TPCH_SCHEMAS.partsupp, batches: () => partsuppBatches(source) };
}

function* partsuppBatches(source: TpchSource): Generator<RecordBatch> {
  const rowCount = source.scale.partCount * SUPPLIERS_PER_PART;
  for (const range of rowRanges(rowCount, BATCH_ROWS)) yield partsuppBatch(source, range);
}

function partsuppBatch({ seed, scale, pool }: TpchSource, { start, end }: RowRange): RecordBatch {
  const rowCount = end - start;
  const random = createRandom(seed, 'partsupp');
  const partKeys = new Float64Array(rowCount);
  const supplierKeys = new Float64Array(rowCount);
  const quantities = new Int32Array(rowCount);
  const costs = new Int32Array(rowCount);
  const comments = createTextColumn(rowCount, 126);
  for (let row = 0; row < rowCount; row++) {
    const rank = start + row;
    const partKey = Math.floor(rank / SUPPLIERS_PER_PART) + 1;
    random.seek(rank);
    partKeys[row] = partKey;
    supplierKeys[row] = supplierOfPart(scale, partKey, rank % SUPPLIERS_PER_PART);
    quantities[row] = random.integer(1, 9_999);
    costs[row] = random.integer(100, 100_000);
    pool.writeComment(comments, random, COMMENT);
    comments.end();
  }
  return batchFromColumns(TPCH_SCHEMAS.partsupp, [
    longColumn(partKeys),
    longColumn(supplierKeys),
    integerColumn(quantities),
    amountColumn(costs),
    comments.finish(),
  ]);
}
