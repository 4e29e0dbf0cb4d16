import type { Catalog, DataConnector } from '@millrace/core';
import { missingPostgres, type PostgresDatabase, serviceTitle, sharedPostgres } from '@millrace/services';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTEXT, openConnector, openTable, parametersOf, planOf, reach, rowsOf } from './open-postgres.ts';

const LARGE = process.env.MILLRACE_TEST_FULL === undefined ? 1_000_000 : 10_000_000;
const missing = missingPostgres();
describe.skipIf(missing !== undefined)(serviceTitle('tables', missing), () => {
  let database: PostgresDatabase;
  let connector: DataConnector;
  let catalog: Catalog;

  beforeAll(async () => {
    const server = await sharedPostgres();
    database = await server.createDatabase();
    await database.sql(`
      CREATE TABLE customers (id int PRIMARY KEY, email text UNIQUE);
      CREATE TABLE orders (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        customer int NOT NULL REFERENCES customers (id),
        placed timestamptz DEFAULT now(),
        total numeric(10,2) DEFAULT 0
      );
      COMMENT ON TABLE orders IS 'What was ordered';
      COMMENT ON COLUMN orders.total IS 'With tax';
      CREATE VIEW order_totals AS SELECT customer, sum(total)::numeric(12,2) AS total FROM orders GROUP BY customer;
      CREATE MATERIALIZED VIEW customer_list AS SELECT * FROM customers;
      CREATE TABLE events (day date, n int) PARTITION BY RANGE (day);
      CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
      CREATE SCHEMA "Odd.Schema";
      CREATE TABLE "Odd.Schema"."select" ("user" int, "User" int);
      INSERT INTO customers SELECT i, 'c' || i FROM generate_series(1, 10) AS t(i);
      INSERT INTO orders (customer, total) SELECT i % 10 + 1, i / 8.0 FROM generate_series(1, 1000) AS t(i);
      INSERT INTO events SELECT '2024-01-01'::date + i, i FROM generate_series(0, 99) AS t(i);
      INSERT INTO "Odd.Schema"."select" VALUES (1, 2);
      REFRESH MATERIALIZED VIEW customer_list;
      ANALYZE`);
    await database.sql(`
      CREATE SCHEMA far;
      CREATE EXTENSION postgres_fdw;
      CREATE SERVER itself FOREIGN DATA WRAPPER postgres_fdw
        OPTIONS (host '${server.host}', port '${server.port}', dbname '${database.database}');
      CREATE USER MAPPING FOR CURRENT_USER SERVER itself OPTIONS (user '${server.user}', password '${server.password}');
      CREATE FOREIGN TABLE far.customers (id int, email text) SERVER itself OPTIONS (schema_name 'public', table_name 'customers')`);
    connector = await openConnector(reach(database));
    catalog = await connector.catalogProvider!(
      { name: 'shop', path: '', parameters: parametersOf({}), include: [], exclude: [] },
      CONTEXT,
    );
  });
  afterAll(async () => {
    await connector?.close();
    await database?.drop();
  });

  test('state keys, comments, defaults and nullability as the server has them', async () => {
    const table = await openTable(connector, 'public.orders');
    expect(table.constraints).toContainEqual({ kind: 'primary_key', columns: ['id'], enforced: true });
    expect(table.constraints).toContainEqual({
      kind: 'foreign_key',
      columns: ['customer'],
      references: { table: { namespace: ['public'], name: 'customers' }, columns: ['id'] },
      enforced: true,
    });
    expect((await openTable(connector, 'customers')).constraints).toContainEqual({
      kind: 'unique',
      columns: ['email'],
      enforced: true,
    });
    expect(table.properties).toMatchObject({ kind: 'table', comment: 'What was ordered', 'default.placed': 'now()' });
    expect(table.schema.fields.map(({ name, nullable }) => [name, nullable])).toEqual([
      ['id', false],
      ['customer', false],
      ['placed', true],
      ['total', true],
    ]);
    expect(table.schema.fields[3]?.metadata?.get('comment')).toBe('With tax');
    expect(table.source).not.toContain('password');
  });

  test('views, materialized views, partitioned tables and odd names are listed and read', async () => {
    const listed: string[] = [];
    for await (const { reference, tableType } of catalog.tables(['public'], CONTEXT))
      listed.push(`${reference.name} ${tableType}`);
    expect(listed).toEqual([
      'customer_list view',
      'customers base',
      'events base',
      'events_2024 base',
      'order_totals view',
      'orders base',
    ]);
    expect(await rowsOf(await openTable(connector, 'customer_list'))).toHaveLength(10);
    expect(await rowsOf(await openTable(connector, 'order_totals'))).toHaveLength(10);
    expect(await rowsOf(await openTable(connector, 'events'))).toHaveLength(100);
    const foreign = await openTable(connector, 'far.customers');
    expect(await rowsOf(foreign)).toHaveLength(10);
    expect((await planOf(foreign, {}, { ...CONTEXT, targetPartitions: 4 })).explain().notes?.join()).toContain(
      'one partition',
    );
    const odd = await catalog.table({ namespace: ['Odd.Schema'], name: 'select' }, CONTEXT);
    expect(await rowsOf(odd!, { projection: [1, 0] })).toEqual([[2, 1]]);
    expect(await catalog.table({ namespace: ['public'], name: 'nothing' }, CONTEXT)).toBeUndefined();
  });

  test('many tables are described with few statements', async () => {
    const count = process.env.MILLRACE_TEST_FULL === undefined ? 300 : 2_000;
    await database.sql(`
      CREATE SCHEMA many;
      DO $$ BEGIN FOR i IN 1..${count} LOOP EXECUTE format('CREATE TABLE many.t%s (id int PRIMARY KEY, v text)', i); END LOOP; END $$`);
    const received = async () =>
      ((await database.receivedStatements()) ?? []).filter(({ application }) => application === 'millrace').length;
    const before = await received();
    let tableCount = 0;
    for await (const { reference } of catalog.tables(['many'], CONTEXT)) {
      expect((await catalog.table(reference, CONTEXT))?.schema.fields).toHaveLength(2);
      tableCount += 1;
    }
    expect(tableCount).toBe(count);
    const statementCount = (await received()) - before;
    console.info(`${count} tables described with ${statementCount} statements`);
    expect(statementCount).toBeLessThan(10 + (count / 500) * 8);
  });

  test('estimates are of the whole table only, and never exact', async () => {
    const table = await openTable(connector, 'orders');
    const statistics = await (await planOf(table)).statistics?.();
    expect(statistics?.rowCount).toEqual({ value: 1000n, exact: false });
    expect((await planOf(table, { limit: 3n })).statistics).toBeUndefined();
  });

  test('memory stays flat however many rows there are', async () => {
    await database.sql(
      `CREATE VIEW large AS SELECT i AS id, i * 1.25::numeric(12,2) AS amount, 'row ' || i AS t FROM generate_series(1, ${LARGE}) AS g(i)`,
    );
    const plan = await planOf(await openTable(connector, 'large', { unsupportedTypeAction: 'string' }));
    let rowCount = 0;
    let early = 0;
    let most = 0;
    for await (const { numRows } of plan.execute(plan.partitions[0]!, CONTEXT)) {
      rowCount += numRows;
      const { rss } = process.memoryUsage();
      if (rowCount < LARGE / 4) early = Math.max(early, rss);
      most = Math.max(most, rss);
    }
    expect(rowCount).toBe(LARGE);
    console.info(`${LARGE} rows: ${Math.round((most - early) / 1e6)} MB more than in the first quarter`);
    expect(most - early).toBeLessThan(150_000_000);
  });
});
