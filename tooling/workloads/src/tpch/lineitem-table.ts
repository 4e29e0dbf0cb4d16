import { batchFromColumns, type ColumnInput } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';
import { createRandom } from '../random/random.ts';
import { amountColumn, dateColumn, integerColumn, longColumn } from './number-columns.ts';
import { createOrderGenerator, type GeneratedLine, type OrderGenerator } from './order-generator.ts';
import { createTextColumn, encodeWords } from './text-column.ts';
import { TPCH_SCHEMAS } from './tpch-schemas.ts';
import { type RowRange, rowRanges, type TpchSource, type TpchTable } from './tpch-table.ts';
import { SHIP_INSTRUCTIONS, SHIP_MODES } from './vocabulary.ts';

const BATCH_ORDERS = 16_384;
const COMMENT = { min: 10, max: 43 };
const INSTRUCTION_WORDS = encodeWords(SHIP_INSTRUCTIONS);
const MODE_WORDS = encodeWords(SHIP_MODES);

/** The lines of all orders, 1 to 7 each. */
export function lineitemTable(source: TpchSource): TpchTable {
  return { name: 'lineitem', schema: TPCH_SCHEMAS.lineitem, batches: () => lineBatches(source) };
}

function* lineBatches(source: TpchSource): Generator<RecordBatch> {
  const orders = createOrderGenerator(source);
  for (const range of rowRanges(source.scale.orderCount, BATCH_ORDERS)) yield lineBatch(source, orders, range);
}

function lineBatch(source: TpchSource, orders: OrderGenerator, range: RowRange): RecordBatch {
  const rowCount = countLines(orders, range);
  const writer = createLineWriter(source, rowCount);
  for (let rank = range.start + 1; rank <= range.end; rank++) {
    const order = orders.order(rank);
    writer.startOrder(rank, order.key);
    for (let index = 0; index < order.lineCount; index++) writer.write(order.lines[index] as GeneratedLine, index + 1);
  }
  return batchFromColumns(TPCH_SCHEMAS.lineitem, writer.finish());
}

function countLines(orders: OrderGenerator, { start, end }: RowRange): number {
  let count = 0;
  for (let rank = start + 1; rank <= end; rank++) count += orders.lineCount(rank);
  return count;
}

interface LineWriter {
  startOrder(rank: number, key: number): void;
  write(line: GeneratedLine, lineNumber: number): void;
  finish(): readonly ColumnInput[];
}

function createLineWriter({ seed, pool }: TpchSource, rowCount: number): LineWriter {
  const random = createRandom(seed, 'lineitem');
  const [orderKeys, partKeys, supplierKeys] = columnsOf(Float64Array, rowCount, 3);
  const [lineNumbers, quantities, prices, discounts, taxes] = columnsOf(Int32Array, rowCount, 5);
  const [shipDates, commitDates, receiptDates] = columnsOf(Int32Array, rowCount, 3);
  const returnFlags = createTextColumn(rowCount, 1);
  const lineStatuses = createTextColumn(rowCount, 1);
  const instructions = createTextColumn(rowCount, 14);
  const modes = createTextColumn(rowCount, 5);
  const comments = createTextColumn(rowCount, 28);
  let row = 0;
  let orderKey = 0;
  return {
    startOrder(rank, key) {
      random.seek(rank);
      orderKey = key;
    },
    write(line, lineNumber) {
      orderKeys[row] = orderKey;
      partKeys[row] = line.partKey;
      supplierKeys[row] = line.supplierKey;
      lineNumbers[row] = lineNumber;
      quantities[row] = line.quantity * 100;
      prices[row] = line.extendedPrice;
      discounts[row] = line.discount;
      taxes[row] = line.tax;
      shipDates[row] = line.shipDate;
      commitDates[row] = line.commitDate;
      receiptDates[row] = line.receiptDate;
      returnFlags.byte(line.returnFlag.charCodeAt(0));
      returnFlags.end();
      lineStatuses.byte(line.lineStatus.charCodeAt(0));
      lineStatuses.end();
      instructions.word(random.pick(INSTRUCTION_WORDS));
      instructions.end();
      modes.word(random.pick(MODE_WORDS));
      modes.end();
      pool.writeComment(comments, random, COMMENT);
      comments.end();
      row++;
    },
    finish: () => [
      longColumn(orderKeys),
      longColumn(partKeys),
      longColumn(supplierKeys),
      integerColumn(lineNumbers),
      amountColumn(quantities),
      amountColumn(prices),
      amountColumn(discounts),
      amountColumn(taxes),
      returnFlags.finish(),
      lineStatuses.finish(),
      dateColumn(shipDates),
      dateColumn(commitDates),
      dateColumn(receiptDates),
      instructions.finish(),
      modes.finish(),
      comments.finish(),
    ],
  };
}

/** As many arrays as are named on the left; five at most. */
function columnsOf<Values>(
  array: new (length: number) => Values,
  rowCount: number,
  count: number,
): [Values, Values, Values, Values, Values] {
  return Array.from({ length: count }, () => new array(rowCount)) as [Values, Values, Values, Values, Values];
}
