import { batchFromColumns } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';
import { createRandom } from '../random/random.ts';
import { amountColumn, dateColumn, integerColumn, longColumn } from './number-columns.ts';
import { createOrderGenerator, type GeneratedOrder, type OrderGenerator } from './order-generator.ts';
import { writeNumberedName } from './party-text.ts';
import { createTextColumn, encodeWords } from './text-column.ts';
import { TPCH_SCHEMAS } from './tpch-schemas.ts';
import { type RowRange, rowRanges, type TpchSource, type TpchTable } from './tpch-table.ts';
import { PRIORITIES } from './vocabulary.ts';

const BATCH_ROWS = 32_768;
const COMMENT = { min: 19, max: 78 };
const CLERK_PREFIX = new TextEncoder().encode('Clerk#');
const PRIORITY_WORDS = encodeWords(PRIORITIES);
const CODES = { F: 70, O: 79, P: 80 } as const;

/** The orders. */
export function ordersTable(source: TpchSource): TpchTable {
  return { name: 'orders', schema: TPCH_SCHEMAS.orders, batches: () => orderBatches(source) };
}

function* orderBatches(source: TpchSource): Generator<RecordBatch> {
  const orders = createOrderGenerator(source);
  for (const range of rowRanges(source.scale.orderCount, BATCH_ROWS)) yield orderBatch(source, orders, range);
}

function orderBatch(source: TpchSource, orders: OrderGenerator, { start, end }: RowRange): RecordBatch {
  const rowCount = end - start;
  const random = createRandom(source.seed, 'orders');
  const keys = new Float64Array(rowCount);
  const customerKeys = new Float64Array(rowCount);
  const prices = new Int32Array(rowCount);
  const dates = new Int32Array(rowCount);
  const statuses = createTextColumn(rowCount, 1);
  const priorities = createTextColumn(rowCount, 10);
  const clerks = createTextColumn(rowCount, 15);
  const comments = createTextColumn(rowCount, 50);
  for (let row = 0; row < rowCount; row++) {
    const rank = start + row + 1;
    const order = orders.order(rank);
    random.seek(rank);
    keys[row] = order.key;
    customerKeys[row] = order.customerKey;
    prices[row] = order.totalPrice;
    dates[row] = order.date;
    statuses.byte(CODES[statusOf(order)]);
    statuses.end();
    priorities.word(random.pick(PRIORITY_WORDS));
    priorities.end();
    writeNumberedName(clerks, CLERK_PREFIX, random.integer(1, source.scale.clerkCount));
    source.pool.writeComment(comments, random, COMMENT);
    comments.end();
  }
  return batchFromColumns(TPCH_SCHEMAS.orders, [
    longColumn(keys),
    longColumn(customerKeys),
    statuses.finish(),
    amountColumn(prices),
    dateColumn(dates),
    priorities.finish(),
    clerks.finish(),
    integerColumn(new Int32Array(rowCount)),
    comments.finish(),
  ]);
}

/** Finished, open, or in part. */
function statusOf({ openLineCount, lineCount }: GeneratedOrder): keyof typeof CODES {
  if (openLineCount === 0) return 'F';
  return openLineCount === lineCount ? 'O' : 'P';
}
