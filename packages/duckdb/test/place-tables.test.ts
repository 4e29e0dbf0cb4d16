import { isMillraceError } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStatementInspector, type PlaceTable, type StatementInspector } from '../src/index.ts';
import { ACCEPTED_STATEMENTS } from './accepted-statements.ts';

/** Catalogs `pg` and `é`; `pg.x` alone means `pg.main.x`. */
const place: PlaceTable = ({ catalog, schemaName = 'main' }) => {
  const isCatalog = (name: string) => ['pg', 'é'].includes(name.toLowerCase());
  if (catalog !== undefined) return isCatalog(catalog) ? `${catalog}.${schemaName}` : undefined;
  return isCatalog(schemaName) ? `${schemaName}.main` : undefined;
};

describe('tables named with a catalog', () => {
  let inspector: StatementInspector;
  beforeAll(async () => {
    inspector = await createStatementInspector();
  });
  afterAll(() => inspector.close());

  it.each([
    ['SELECT * FROM pg.public.orders', 'SELECT * FROM "pg.public".orders'],
    ['FROM PG.Public.orders', 'FROM "PG.Public".orders'],
    ['FROM "pg" /* a . b */ . "Odd ""Schema" . "Order.Lines" -- pg.x.y', 'FROM "pg.Odd ""Schema" . "Order.Lines"'],
    ['SELECT pg.public.o.id, o.id FROM pg.public.o', 'SELECT "pg.public".o.id, o.id FROM "pg.public".o'],
    ['SELECT public.o.id FROM pg.public.o', 'SELECT "pg.public".o.id FROM "pg.public".o'],
    ['SELECT public.o.id FROM pg.public.o AS o', 'SELECT public.o.id FROM "pg.public".o AS o'],
    ["SELECT 'pg.public.o' FROM pg.public.o", 'SELECT \'pg.public.o\' FROM "pg.public".o'],
    ['SELECT pg.o.id FROM pg.o', 'SELECT "pg.main".o.id FROM "pg.main".o'],
    ["SELECT 'ü', é.ü.ö.x FROM é.ü.ö, sales.t", 'SELECT \'ü\', "é.ü".ö.x FROM "é.ü".ö, sales.t'],
    [
      'WITH pg AS (SELECT 1 AS a) SELECT * FROM pg JOIN pg.public.o USING (a) WHERE EXISTS (FROM pg.s.t)',
      'WITH pg AS (SELECT 1 AS a) SELECT * FROM pg JOIN "pg.public".o USING (a) WHERE EXISTS (FROM "pg.s".t)',
    ],
    ['SELECT pg.public.x FROM t AS pg', 'SELECT pg.public.x FROM t AS pg'],
    ['SELECT * FROM pg.public."x/y.csv"', 'SELECT * FROM "pg.public"."x/y.csv"'],
    ['SUMMARIZE pg.public.o', 'SUMMARIZE "pg.public".o'],
    ['SELECT count(pg.public.o) FROM pg.public.o', 'SELECT count("pg.public".o) FROM "pg.public".o'],
  ])('%s', async (sql, expected) => {
    const info = await inspector.inspect(sql, place);
    expect(info.sql).toBe(expected);
    if (!sql.includes('.csv')) expect(await inspector.inspect(expected)).toEqual(info);
  });

  it.each([
    ['EXPLAIN SELECT pg.public.o.id FROM pg.public.o', 'explain', 'SELECT "pg.public".o.id FROM "pg.public".o'],
    ['DESCRIBE pg.public.o', 'describe', 'FROM "pg.public".o'],
    ['DESCRIBE SELECT * FROM pg.public.o', 'describe', 'SELECT * FROM "pg.public".o'],
  ])('%s', async (sql, kind, expected) => {
    expect(await inspector.inspect(sql, place)).toMatchObject({
      kind,
      sql: expected,
      tables: [{ schemaName: 'pg.public', table: 'o' }],
    });
  });

  it('can be placed in every statement that is accepted, wherever a schema is written', async () => {
    let placedCount = 0;
    for (const [sql] of ACCEPTED_STATEMENTS) {
      const written = await inspector.inspect(sql);
      const placed = await inspector.inspect(sql, ({ schemaName }) =>
        // The engine's own word for the rows of a recursive CTE so far, and never a catalog's name.
        schemaName === 'recurring' ? undefined : `elsewhere.${schemaName}`,
      );
      const expected = written.tables.map(({ schemaName, table }) =>
        schemaName === undefined ? { table } : { schemaName: `elsewhere.${schemaName}`, table },
      );
      expect(placed.tables, sql).toEqual(expected);
      if (placed.sql !== written.sql) placedCount += 1;
    }
    expect(placedCount).toBeGreaterThan(5);
  });

  it('are listed for one catalog and schema', async () => {
    expect(await inspector.inspect('SHOW TABLES FROM pg.public', place)).toMatchObject({
      kind: 'show_tables',
      catalogName: 'pg',
      schemaName: 'public',
    });
  });

  it.each([
    'SELECT * FROM other.public.orders',
    'SELECT * FROM system.main.orders',
    "SELECT * FROM pg.public.orders, read_csv('x')",
    "SELECT * FROM pg.public.orders, 'x.csv'",
    'SELECT * FROM pg.public.orders AT (VERSION => 1)',
  ])('refused: %s', async (sql) => {
    const error = await inspector.inspect(sql, place).catch((thrown: unknown) => thrown);
    expect(isMillraceError(error) && error.code).toBe('sql_refused');
  });
});
