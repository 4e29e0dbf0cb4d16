import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALLOWED_FUNCTIONS } from '../src/statement/allowed-functions.generated.ts';
import { createStatementInspector, type StatementInspector } from '../src/statement/statement-inspector.ts';
import { VOLATILE_FUNCTIONS } from '../src/statement/volatile-node.ts';

let inspector: StatementInspector;
beforeAll(async () => {
  inspector = await createStatementInspector();
});
afterAll(async () => {
  await inspector.close();
});

test.each([
  'SELECT now()',
  'SELECT * FROM orders WHERE moment > NOW() - INTERVAL 1 DAY',
  'SELECT current_date',
  'SELECT "current_timestamp" FROM orders',
  'SELECT localtime',
  'SELECT age(moment) FROM orders',
  'SELECT moment.age() FROM orders',
  'SELECT ago(INTERVAL 1 DAY)',
  'SELECT main.random() FROM orders',
  'WITH c AS (SELECT uuid() AS id) SELECT * FROM c',
  'SELECT * FROM orders WHERE id IN (SELECT CAST(random() * 10 AS INTEGER))',
  'SELECT list_transform(ids, id -> id + random()) FROM orders',
  'SELECT * FROM orders ORDER BY random()',
  'SELECT * FROM orders LIMIT (SELECT CAST(random() * 3 AS INTEGER))',
  'SELECT sum(id) OVER (ORDER BY random()) FROM orders',
  'SELECT * FROM orders USING SAMPLE 10%',
  'SELECT * FROM orders TABLESAMPLE reservoir(10)',
  'SELECT 1 UNION ALL SELECT random()',
])('%s depends on clock or chance', async (sql) => {
  expect((await inspector.inspect(sql)).isVolatile).toBe(true);
});

test.each([
  'SELECT * FROM orders',
  'SELECT age(moment, other) FROM orders',
  'SELECT orders.current_date FROM orders',
  "SELECT 'now()', sum(id) FROM orders GROUP BY ALL",
  'SELECT now FROM orders',
  'SELECT date_trunc($1, moment), md5(name) FROM orders -- random()',
])('%s does not', async (sql) => {
  expect((await inspector.inspect(sql)).isVolatile).toBe(false);
});

/** After an upgrade of DuckDB this shows the functions that have to be judged. */
test('every allowed function that DuckDB does not call consistent is known, and every macro over one', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRows().map((row) => row.map(String));
  const allowed = new Set(ALLOWED_FUNCTIONS);
  const volatile = (
    await rows(
      "SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type IN ('scalar', 'aggregate') AND stability <> 'CONSISTENT'",
    )
  ).flatMap(([name]) => (name !== undefined && allowed.has(name) ? [name] : []));
  // It fails whenever it is called.
  expect(volatile.filter((name) => name !== 'error' && !VOLATILE_FUNCTIONS.has(name))).toEqual([]);
  expect(volatile.length).toBeGreaterThan(10);
  const macros = await rows(
    "SELECT DISTINCT lower(function_name), macro_definition FROM duckdb_functions() WHERE function_type = 'macro'",
  );
  const calls = macros.filter(([name = '', body = '']) => allowed.has(name) && namesVolatile(body));
  expect(calls.map(([name]) => name)).toEqual(['ago']);
  connection.closeSync();
  instance.closeSync();
});

function namesVolatile(body: string): boolean {
  const words: readonly string[] = body.toLowerCase().match(/[a-z_]\w*/g) ?? [];
  return words.some(
    (word) => VOLATILE_FUNCTIONS.has(word) || word.startsWith('current_time') || word.startsWith('localtime'),
  );
}
