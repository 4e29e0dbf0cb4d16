import { batchFromColumns } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';
import { createRandom } from '../random/random.ts';
import { amountColumn, integerColumn, longColumn } from './number-columns.ts';
import { accountBalance, writeAddress, writeNumberedName, writePhone } from './party-text.ts';
import { createTextColumn, encodeWords } from './text-column.ts';
import { TPCH_SCHEMAS } from './tpch-schemas.ts';
import { type RowRange, rowRanges, type TpchSource, type TpchTable } from './tpch-table.ts';
import { SEGMENTS } from './vocabulary.ts';

const BATCH_ROWS = 32_768;
const COMMENT = { min: 29, max: 116 };
const NAME_PREFIX = new TextEncoder().encode('Customer#');
const SEGMENT_WORDS = encodeWords(SEGMENTS);

/** The customers. */
export function customerTable(source: TpchSource): TpchTable {
  return { name: 'customer', schema: TPCH_SCHEMAS.customer, batches: () => customerBatches(source) };
}

function* customerBatches(source: TpchSource): Generator<RecordBatch> {
  for (const range of rowRanges(source.scale.customerCount, BATCH_ROWS)) yield customerBatch(source, range);
}

function customerBatch({ seed, pool }: TpchSource, { start, end }: RowRange): RecordBatch {
  const rowCount = end - start;
  const random = createRandom(seed, 'customer');
  const keys = new Float64Array(rowCount);
  const nationKeys = new Int32Array(rowCount);
  const balances = new Int32Array(rowCount);
  const names = createTextColumn(rowCount, 18);
  const addresses = createTextColumn(rowCount, 26);
  const phones = createTextColumn(rowCount, 15);
  const segments = createTextColumn(rowCount, 10);
  const comments = createTextColumn(rowCount, 74);
  for (let row = 0; row < rowCount; row++) {
    const key = start + row + 1;
    random.seek(key);
    keys[row] = key;
    nationKeys[row] = random.integer(0, 24);
    balances[row] = accountBalance(random);
    writeNumberedName(names, NAME_PREFIX, key);
    writeAddress(addresses, random);
    writePhone(phones, random, nationKeys[row] as number);
    segments.word(random.pick(SEGMENT_WORDS));
    segments.end();
    pool.writeComment(comments, random, COMMENT);
    comments.end();
  }
  return batchFromColumns(TPCH_SCHEMAS.customer, [
    longColumn(keys),
    names.finish(),
    addresses.finish(),
    integerColumn(nationKeys),
    phones.finish(),
    amountColumn(balances),
    segments.finish(),
    comments.finish(),
  ]);
}
