import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '@millrace/duckdb';

/** Lines of the demo: half of them lie in CSV files, half in Parquet. */
export const LINE_COUNT = 1_200_000;
const ORDER_COUNT = LINE_COUNT / 4;
const CUSTOMER_COUNT = 40_000;
const PARTS = 3;

const COUNTRIES = ['Austria', 'Brazil', 'Canada', 'Denmark', 'Estonia', 'France', 'Ghana', 'Hungary', 'India', 'Japan'];
const SEGMENTS = ['retail', 'wholesale', 'public'];
const PRODUCTS = ['flour', 'grain', 'millstone', 'sack', 'sieve', 'waterwheel', 'oats', 'rye'];

/**
 * Writes the demo's files into a folder unless they are there: customers as CSV, orders as Parquet, order lines of 2023 as
 * several CSV files and those of 2024 as several Parquet files. The same rows every time. Returns whether it wrote.
 */
export async function generateFiles(folder: string): Promise<boolean> {
  if (await exists(folder)) return false;
  const unfinished = `${folder}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await using database = await openDatabase({ path: ':memory:', component: 'demo' });
  await database.withConnection(async (connection) => {
    for (const { file, select } of files())
      await connection.run(`COPY (${select}) TO '${join(unfinished, file).replaceAll("'", "''")}'`);
  });
  await rename(unfinished, folder);
  return true;
}

interface DemoFile {
  readonly file: string;
  readonly select: string;
}

function files(): readonly DemoFile[] {
  const parts = Array.from({ length: PARTS }, (_, part) => part);
  return [
    { file: 'customers.csv', select: customers() },
    { file: 'orders.parquet', select: orders() },
    ...parts.map((part) => ({ file: `lines-2023-${part}.csv`, select: lines(0, part) })),
    ...parts.map((part) => ({ file: `lines-2024-${part}.parquet`, select: lines(ORDER_COUNT / 2, part) })),
  ];
}

function customers(): string {
  return `SELECT i + 1 AS id, 'Customer ' || (i + 1) AS name, ${oneOf('i', 'country', COUNTRIES)} AS country,
    ${oneOf('i', 'segment', SEGMENTS)} AS segment FROM range(${CUSTOMER_COUNT}) t(i)`;
}

/** The first half of the orders is of 2023, the second of 2024. */
function orders(): string {
  return `SELECT i AS id, 1 + ${below('i', 'customer', CUSTOMER_COUNT)} AS customer_id,
    DATE '2023-01-01' + (i * 731 // ${ORDER_COUNT})::INTEGER AS placed FROM range(${ORDER_COUNT}) t(i)`;
}

/** Four lines for each order of one part of half the orders. */
function lines(firstOrder: number, part: number): string {
  const share = ORDER_COUNT / 2 / PARTS;
  const start = firstOrder + part * share;
  return `SELECT o AS order_id, n::INTEGER AS line, ${oneOf('o, n', 'product', PRODUCTS)} AS product,
    1 + ${below('o, n', 'quantity', 20)} AS quantity,
    ((100 + ${below('o, n', 'price', 9_900)}) / 100)::DECIMAL(10,2) AS unit_price
    FROM range(${start}, ${start + share}) orders(o), range(1, 5) numbers(n)`;
}

/** A number below `bound` that depends on the keys alone: hashes are the demo's seeded randomness. */
function below(keys: string, purpose: string, bound: number): string {
  return `(hash(${keys}, 'millrace demo ${purpose}') % ${bound})::INTEGER`;
}

function oneOf(keys: string, purpose: string, values: readonly string[]): string {
  return `[${values.map((value) => `'${value}'`).join(', ')}][1 + ${below(keys, purpose, values.length)}]`;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
