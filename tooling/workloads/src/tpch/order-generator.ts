import { createRandom, type Random } from '../random/random.ts';
import { buyerCount, buyerKey, orderKey, retailPrice, SUPPLIERS_PER_PART, supplierOfPart } from './scale.ts';
import type { TpchSource } from './tpch-table.ts';

/** Dates as days since 1970-01-01. */
const START_DATE = toDays('1992-01-01');
const CURRENT_DATE = toDays('1995-06-17');
const LAST_ORDER_DATE = toDays('1998-12-31') - 151;

/** One order with what its table and its lines share; amounts in hundredths, dates in days since 1970-01-01. */
export interface GeneratedOrder {
  key: number;
  customerKey: number;
  date: number;
  lineCount: number;
  /** Lines that are still open, their status being `O`. */
  openLineCount: number;
  totalPrice: number;
  /** As many as `lineCount` says; the rest is left from other orders. */
  readonly lines: readonly GeneratedLine[];
}

/** One line of an order, comment and shipping words apart. */
export interface GeneratedLine {
  partKey: number;
  supplierKey: number;
  quantity: number;
  extendedPrice: number;
  /** Hundredths of the price. */
  discount: number;
  tax: number;
  shipDate: number;
  commitDate: number;
  receiptDate: number;
  returnFlag: 'A' | 'N' | 'R';
  lineStatus: 'F' | 'O';
}

/** Makes the orders of a source one after the other, in one object that is used again and again. */
export interface OrderGenerator {
  /** How many lines the order of a rank from 1 has; cheaper than the whole. */
  lineCount(rank: number): number;
  /** The order of a rank from 1, until the next call. */
  order(rank: number): GeneratedOrder;
}

const MAX_LINES = 7;

/** A generator of the orders that both the orders and the lines are made from. */
export function createOrderGenerator({ seed, scale }: TpchSource): OrderGenerator {
  const random = createRandom(seed, 'order');
  const buyers = buyerCount(scale);
  const lines = Array.from({ length: MAX_LINES }, emptyLine);
  const order: GeneratedOrder = {
    key: 0,
    customerKey: 0,
    date: 0,
    lineCount: 0,
    openLineCount: 0,
    totalPrice: 0,
    lines,
  };

  function lineCount(rank: number): number {
    random.seek(rank);
    return random.integer(1, MAX_LINES);
  }

  function fillLine(line: GeneratedLine): void {
    line.partKey = random.integer(1, scale.partCount);
    line.supplierKey = supplierOfPart(scale, line.partKey, random.integer(0, SUPPLIERS_PER_PART - 1));
    line.quantity = random.integer(1, 50);
    line.extendedPrice = line.quantity * retailPrice(line.partKey);
    line.discount = random.integer(0, 10);
    line.tax = random.integer(0, 8);
    fillDates(line, order.date, random);
  }

  return {
    lineCount,
    order(rank) {
      order.lineCount = lineCount(rank);
      order.key = orderKey(rank);
      order.customerKey = buyerKey(random.integer(0, buyers - 1));
      order.date = random.integer(START_DATE, LAST_ORDER_DATE);
      order.openLineCount = 0;
      order.totalPrice = 0;
      for (let index = 0; index < order.lineCount; index++) {
        const line = lines[index] as GeneratedLine;
        fillLine(line);
        if (line.lineStatus === 'O') order.openLineCount++;
        order.totalPrice += linePrice(line);
      }
      return order;
    },
  };
}

/** What a line adds to its order's price: discounted, then taxed, cut off after each step as dbgen does. */
export function linePrice({ extendedPrice, discount, tax }: GeneratedLine): number {
  return Math.floor((Math.floor((extendedPrice * (100 - discount)) / 100) * (100 + tax)) / 100);
}

function fillDates(line: GeneratedLine, orderDate: number, random: Random): void {
  line.shipDate = orderDate + random.integer(1, 121);
  line.commitDate = orderDate + random.integer(30, 90);
  line.receiptDate = line.shipDate + random.integer(1, 30);
  const returned = random.integer(0, 1) === 0 ? 'A' : 'R';
  line.returnFlag = line.receiptDate <= CURRENT_DATE ? returned : 'N';
  line.lineStatus = line.shipDate > CURRENT_DATE ? 'O' : 'F';
}

function emptyLine(): GeneratedLine {
  return {
    partKey: 0,
    supplierKey: 0,
    quantity: 0,
    extendedPrice: 0,
    discount: 0,
    tax: 0,
    shipDate: 0,
    commitDate: 0,
    receiptDate: 0,
    returnFlag: 'N',
    lineStatus: 'F',
  };
}

function toDays(date: string): number {
  return Date.parse(date) / 86_400_000;
}
