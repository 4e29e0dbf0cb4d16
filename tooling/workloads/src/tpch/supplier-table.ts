import { batchFromColumns } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';
import { createRandom, type Random } from '../random/random.ts';
import { amountColumn, integerColumn, longColumn } from './number-columns.ts';
import { accountBalance, writeAddress, writeNumberedName, writePhone } from './party-text.ts';
import { createTextColumn, encodeWords, type TextColumn } from './text-column.ts';
import { TPCH_SCHEMAS } from './tpch-schemas.ts';
import { type RowRange, rowRanges, type TpchSource, type TpchTable } from './tpch-table.ts';

const BATCH_ROWS = 32_768;
const COMMENT = { min: 25, max: 100 };
const [NAME_PREFIX, CUSTOMER, COMPLAINTS, RECOMMENDS] = encodeWords([
  'Supplier#',
  'Customer ',
  'Complaints',
  'Recommends',
]) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

/** The suppliers; in a block of 2,000 one has `Customer … Complaints` in its comment and another `Customer … Recommends`. */
export function supplierTable(source: TpchSource): TpchTable {
  return { name: 'supplier', schema: TPCH_SCHEMAS.supplier, batches: () => supplierBatches(source) };
}

function* supplierBatches(source: TpchSource): Generator<RecordBatch> {
  for (const range of rowRanges(source.scale.supplierCount, BATCH_ROWS)) yield supplierBatch(source, range);
}

function supplierBatch(source: TpchSource, { start, end }: RowRange): RecordBatch {
  const rowCount = end - start;
  const random = createRandom(source.seed, 'supplier');
  const keys = new Float64Array(rowCount);
  const nationKeys = new Int32Array(rowCount);
  const balances = new Int32Array(rowCount);
  const names = createTextColumn(rowCount, 18);
  const addresses = createTextColumn(rowCount, 26);
  const phones = createTextColumn(rowCount, 15);
  const comments = createTextColumn(rowCount, 64);
  for (let row = 0; row < rowCount; row++) {
    const key = start + row + 1;
    random.seek(key);
    keys[row] = key;
    nationKeys[row] = random.integer(0, 24);
    balances[row] = accountBalance(random);
    writeNumberedName(names, NAME_PREFIX, key);
    writeAddress(addresses, random);
    writePhone(phones, random, nationKeys[row] as number);
    writeComment({ column: comments, random, source, key });
  }
  return batchFromColumns(TPCH_SCHEMAS.supplier, [
    longColumn(keys),
    names.finish(),
    addresses.finish(),
    integerColumn(nationKeys),
    phones.finish(),
    amountColumn(balances),
    comments.finish(),
  ]);
}

interface CommentTarget {
  readonly column: TextColumn;
  readonly random: Random;
  readonly source: TpchSource;
  readonly key: number;
}

function writeComment({ column, random, source, key }: CommentTarget): void {
  const verdict = verdictOf(source, key);
  if (verdict === undefined) {
    source.pool.writeComment(column, random, COMMENT);
  } else {
    // 19 characters of the two words, and three stretches of text around them.
    source.pool.writeComment(column, random, { min: 2, max: 27 });
    column.word(CUSTOMER);
    source.pool.writeComment(column, random, { min: 2, max: 27 });
    column.word(verdict);
    source.pool.writeComment(column, random, { min: 2, max: 27 });
  }
  column.end();
}

/** The word that a supplier's comment holds besides `Customer`, if it does. */
function verdictOf({ seed, scale }: TpchSource, key: number): Uint8Array | undefined {
  const block = Math.floor((key - 1) / 2_000);
  const size = Math.min(2_000, scale.supplierCount - block * 2_000);
  const random = createRandom(seed, 'supplier verdicts');
  random.seek(block);
  const complained = random.integer(0, size - 1);
  const recommended = (complained + random.integer(1, size - 1)) % size;
  const position = (key - 1) % 2_000;
  if (position === complained) return COMPLAINTS;
  return position === recommended ? RECOMMENDS : undefined;
}
