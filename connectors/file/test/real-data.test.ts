import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { describeType, readIpc, rowArraysFromBatch } from '@millrace/arrow';
import type { DataConnector, RecordBatch, Schema } from '@millrace/core';
import {
  type DuckDbConnection,
  type DuckDbDatabase,
  loadBatches,
  openDatabase,
  quoteIdentifier,
  toDuckDbType,
} from '@millrace/duckdb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestConnector, openTable, readBatches, SIGNAL } from './open-table.ts';

const REAL_DATA =
  process.env.MILLRACE_REAL_DATA ?? fileURLToPath(new URL('../../../../shared/data/real', import.meta.url));

const TEXT_FILES = [
  'airports.csv',
  'birdstrikes.csv',
  'disasters.csv',
  'flights-airport.csv',
  'github.csv',
  'seattle-weather.csv',
  'species.csv',
  'stocks.csv',
  'unemployment.tsv',
  'us-employment.csv',
  'zipcodes.csv',
  'earthquakes.json',
  'movies.json',
  'penguins.json',
  'population.json',
];

let database: DuckDbDatabase;
let connector: DataConnector;

beforeAll(async () => {
  database = await openDatabase({ path: ':memory:' });
  connector = await createTestConnector(REAL_DATA);
});

afterAll(async () => {
  await connector.close();
  await database.close();
});

function bareSql(file: string): string {
  const reader = file.endsWith('.json') ? 'read_json' : 'read_csv';
  return `SELECT * FROM ${reader}('${REAL_DATA}/${file}', sample_size = -1)`;
}

/** Count, types, and one number for each column that depends on every value and its place. */
async function fingerprint(connection: DuckDbConnection, relation: string) {
  const { fields } = await connection.describe(`SELECT * FROM ${relation}`);
  const sums = fields.map(({ name }) => `sum(hash(row_number, ${quoteIdentifier(name)})::HUGEINT)`);
  const numbered = `(SELECT row_number() OVER () AS row_number, * FROM ${relation})`;
  const [row] = await connection.rows(`SELECT count(*), ${sums.join(', ')} FROM ${numbered}`);
  return { fields: fields.map((each) => `${each.name} ${toDuckDbType(each)}`), sums: row };
}

async function fingerprintOfScan(
  connection: DuckDbConnection,
  schema: Schema,
  batches: Parameters<typeof loadBatches>[0]['batches'],
) {
  const columns = schema.fields.map((each) => `${quoteIdentifier(each.name)} ${toDuckDbType(each)}`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE scanned (${columns.join(', ')})`);
  await loadBatches({ connection, target: 'scanned', schema, batches });
  return fingerprint(connection, 'scanned');
}

describe.each(TEXT_FILES)('%s', (file) => {
  test.runIf(existsSync(`${REAL_DATA}/${file}`))(
    'equals what bare DuckDB reads, scanned and as a relation',
    async () => {
      const table = await openTable(connector, { path: file });
      await database.withConnection(async (connection) => {
        const bare = await fingerprint(connection, `(${bareSql(file)})`);
        const relation = await table.nativeRelation?.({ signal: SIGNAL });
        if (relation?.kind !== 'sql') throw new TypeError('no relation');
        expect(relation.paths).toEqual([`${REAL_DATA}/${file}`]);
        expect(await fingerprint(connection, `(${relation.sql})`)).toEqual(bare);
        expect(table.schema.fields.map((each) => `${each.name} ${toDuckDbType(each)}`)).toEqual(bare.fields);
        expect(await fingerprintOfScan(connection, table.schema, await readBatches(table))).toEqual(bare);
      });
    },
  );
});

test.runIf(existsSync(`${REAL_DATA}/zipcodes.csv`))('zip codes keep their leading zeros', async () => {
  const table = await openTable(connector, { path: 'zipcodes.csv' });
  expect(describeType(table.schema.fields[0]!.type)).toBe('utf8');
  const [first] = await readBatches(table, { projection: [0], limit: 1n });
  expect([...rowArraysFromBatch(first!)]).toEqual([['00501']]);
});

test.runIf(existsSync(`${REAL_DATA}/flights-200k.arrow`))('flights-200k.arrow equals what is stored', async () => {
  const path = `${REAL_DATA}/flights-200k.arrow`;
  const table = await openTable(connector, { path });
  const stored = await readIpc({ path });
  expect(table.schema.fields).toEqual(stored.schema.fields);
  const actual = await readBatches(table);
  const expected: RecordBatch[] = [];
  for await (const batch of stored.batches) expected.push(batch);
  expect(actual.map(({ numRows }) => numRows)).toEqual(expected.map(({ numRows }) => numRows));
  for (const [index, batch] of expected.entries()) {
    const found = rowArraysFromBatch(actual[index]!);
    let differing = 0;
    for (const row of rowArraysFromBatch(batch)) if (!isDeepStrictEqual(found.next().value, row)) differing += 1;
    expect(differing).toBe(0);
  }
});
