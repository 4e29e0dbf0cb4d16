import { batchFromColumns } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';
import { createRandom, type Random } from '../random/random.ts';
import { amountColumn, integerColumn, longColumn } from './number-columns.ts';
import { retailPrice } from './scale.ts';
import { createTextColumn, encodeWords, type TextColumn } from './text-column.ts';
import { TPCH_SCHEMAS } from './tpch-schemas.ts';
import { type RowRange, rowRanges, type TpchSource, type TpchTable } from './tpch-table.ts';
import { COLORS, CONTAINERS, PART_TYPES } from './vocabulary.ts';

const BATCH_ROWS = 32_768;
const COMMENT = { min: 5, max: 22 };
const COLORS_PER_NAME = 5;
const COLOR_WORDS = encodeWords(COLORS);
const TYPE_WORDS = encodeWords(PART_TYPES);
const CONTAINER_WORDS = encodeWords(CONTAINERS);
const SPACE = 32;
const [MANUFACTURER, BRAND] = encodeWords(['Manufacturer#', 'Brand#']) as [Uint8Array, Uint8Array];

/** The parts. */
export function partTable(source: TpchSource): TpchTable {
  return { name: 'part', schema: TPCH_SCHEMAS.part, batches: () => partBatches(source) };
}

function* partBatches(source: TpchSource): Generator<RecordBatch> {
  for (const range of rowRanges(source.scale.partCount, BATCH_ROWS)) yield partBatch(source, range);
}

function partBatch({ seed, pool }: TpchSource, { start, end }: RowRange): RecordBatch {
  const rowCount = end - start;
  const random = createRandom(seed, 'part');
  const keys = new Float64Array(rowCount);
  const sizes = new Int32Array(rowCount);
  const prices = new Int32Array(rowCount);
  const names = createTextColumn(rowCount, 34);
  const manufacturers = createTextColumn(rowCount, 14);
  const brands = createTextColumn(rowCount, 8);
  const types = createTextColumn(rowCount, 22);
  const containers = createTextColumn(rowCount, 8);
  const comments = createTextColumn(rowCount, 14);
  for (let row = 0; row < rowCount; row++) {
    const key = start + row + 1;
    random.seek(key);
    keys[row] = key;
    sizes[row] = random.integer(1, 50);
    prices[row] = retailPrice(key);
    writeName(names, random);
    const manufacturer = random.integer(1, 5);
    manufacturers.word(MANUFACTURER);
    manufacturers.digits(manufacturer, 1);
    manufacturers.end();
    brands.word(BRAND);
    brands.digits(manufacturer * 10 + random.integer(1, 5), 2);
    brands.end();
    types.word(random.pick(TYPE_WORDS));
    types.end();
    containers.word(random.pick(CONTAINER_WORDS));
    containers.end();
    pool.writeComment(comments, random, COMMENT);
    comments.end();
  }
  return batchFromColumns(TPCH_SCHEMAS.part, [
    longColumn(keys),
    names.finish(),
    manufacturers.finish(),
    brands.finish(),
    types.finish(),
    integerColumn(sizes),
    containers.finish(),
    amountColumn(prices),
    comments.finish(),
  ]);
}

/** Writes five different colors. */
function writeName(column: TextColumn, random: Random): void {
  const chosen: number[] = [];
  while (chosen.length < COLORS_PER_NAME) {
    const color = random.integer(0, COLORS.length - 1);
    if (chosen.includes(color)) continue;
    if (chosen.length > 0) column.byte(SPACE);
    column.word(COLOR_WORDS[color] as Uint8Array);
    chosen.push(color);
  }
  column.end();
}
