import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openDatabase } from '@millrace/duckdb';
import { FIXTURES } from './repository.ts';

/** What the host of the fixtures declares. */
export const SHOP_DEPENDENCIES: Readonly<Record<string, string>> = {
  millrace: 'latest',
  '@millrace/runtime': 'latest',
  '@millrace/connector-file': 'latest',
  '@millrace/accelerator-arrow': 'latest',
  '@millrace/accelerator-duckdb': 'latest',
  'millrace-connector-countries': 'latest',
};

const FOLDER = path.join(FIXTURES, 'host');

const DATA: Readonly<Record<string, string>> = {
  'data/customers.csv': `id,name,country,postcode
1,Aiko,JP,00501
2,"Wanjiru, K.",KE,00100
3,Inês,PT,01000
4,Ola,NO,00010
`,
  'data/visits.json': JSON.stringify([
    { customer_id: 1, pages: ['/', '/tea'], device: { os: 'linux' } },
    { customer_id: 3, pages: ['/'], device: { os: 'linux' } },
    { customer_id: 4, pages: [], device: { os: 'android' } },
    { customer_id: 4, pages: ['/', 'über uns'], device: { os: 'linux' } },
  ]),
};

/** Orders with what JSON and floating-point numbers would lose: large ids and exact amounts. */
const ORDERS = `
  select * from (values
    (9007199254740993, 1, 10.10), (2, 1, 0.20), (3, 2, 99.99), (4, 3, 1234567890123456.78), (5, 3, 0.01), (6, 4, -5.00)
  ) as orders (id, customer_id, amount)`;

/** The rows that both statements of the host give, as the library gives them, with 64-bit integers marked by `n`. */
export const SHOP_ROWS: Readonly<Record<'sales' | 'europeans', readonly object[]>> = {
  sales: [
    { country: 'Portugal', orders: '2n', total: '1234567890123456.79', last_order: '5n', postcode: '01000' },
    { country: 'Kenya', orders: '1n', total: '99.99', last_order: '3n', postcode: '00100' },
    { country: 'Japan', orders: '2n', total: '10.30', last_order: '9007199254740993n', postcode: '00501' },
    { country: 'Norway', orders: '1n', total: '-5.00', last_order: '6n', postcode: '00010' },
  ],
  europeans: [
    { name: 'Inês', pages: ['/'], population: '10425292n' },
    { name: 'Ola', pages: ['/', 'über uns'], population: '5576660n' },
  ],
};

/** The host's files, by relative path, but for its orders. */
export function shopFiles(): Readonly<Record<string, string>> {
  const own = readdirSync(FOLDER).map((name) => [name, readFileSync(path.join(FOLDER, name), 'utf8')] as const);
  return { ...Object.fromEntries(own), ...DATA };
}

/** Writes the host's orders as a Parquet file. */
export async function writeOrders(root: string): Promise<void> {
  await using database = await openDatabase({ path: ':memory:' });
  const file = path.join(root, 'data/orders.parquet').replaceAll("'", "''");
  const orders = `select id::bigint as id, customer_id::integer as customer_id, amount::decimal(18, 2) as amount from (${ORDERS})`;
  await database.withConnection((connection) => connection.run(`copy (${orders}) to '${file}' (format parquet)`));
}
