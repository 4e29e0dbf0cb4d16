import { dataTypes, type Expr, type ScalarFunction, type TableProvider } from '@millrace/core';
import {
  type MariaDbDatabase,
  type MariaDbServer,
  missingMariaDb,
  serviceTitle,
  sharedMariaDb,
} from '@millrace/services';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { context, errorOf, openConnector, openTable, parametersOf, planOf, reach, readAll } from './open-mysql.ts';

const missing = missingMariaDb();
const TABLES = process.env.MILLRACE_TEST_FULL === undefined ? 60 : 2_000;

function call(name: ScalarFunction, ...args: readonly Expr[]): Expr {
  return { kind: 'call', function: name, args, type: dataTypes.bool() };
}

function columnOf(table: TableProvider, name: string): Expr {
  return { kind: 'column', path: [name], type: table.schema.fields.find((one) => one.name === name)!.type };
}

describe.skipIf(missing !== undefined)(serviceTitle('tables and catalog', missing), () => {
  let server: MariaDbServer;
  let database: MariaDbDatabase;
  beforeAll(async () => {
    server = await sharedMariaDb();
    database = await server.createDatabase();
  });
  afterAll(() => database?.drop());

  const sent = async (run: () => Promise<unknown>): Promise<readonly string[] | undefined> => {
    const before = (await database.receivedStatements())?.length ?? 0;
    await run();
    return (await database.receivedStatements())?.slice(before).map(({ sql }) => sql);
  };

  test('keys, references, comments and defaults are told', async () => {
    await database.sql(`
      CREATE TABLE parent (id INT PRIMARY KEY, code CHAR(3) NOT NULL UNIQUE COMMENT 'the code') COMMENT = 'parents';
      CREATE TABLE child (a INT, b INT UNSIGNED DEFAULT 7, t VARCHAR(9) DEFAULT 'it''s', d DATETIME DEFAULT CURRENT_TIMESTAMP,
        parent_id INT NOT NULL, PRIMARY KEY (a, b), UNIQUE KEY (t(3)), FOREIGN KEY (parent_id) REFERENCES parent (id))`);
    await using connector = await openConnector(reach(server, database.database));
    const parent = await openTable(connector, 'parent');
    expect(parent.constraints).toEqual([
      { kind: 'primary_key', columns: ['id'], enforced: true },
      { kind: 'unique', columns: ['code'], enforced: true },
    ]);
    expect(parent.properties).toMatchObject({ comment: 'parents', 'comment.code': 'the code', engine: 'InnoDB' });
    const child = await openTable(connector, 'child');
    expect(child.constraints).toEqual([
      { kind: 'primary_key', columns: ['a', 'b'], enforced: true },
      {
        kind: 'foreign_key',
        columns: ['parent_id'],
        references: { table: { namespace: [database.database], name: 'parent' }, columns: ['id'] },
        enforced: false,
      },
    ]);
    expect(child.schema.fields.map(({ name, nullable }) => [name, nullable])).toEqual([
      ['a', false],
      ['b', false],
      ['t', true],
      ['d', true],
      ['parent_id', false],
    ]);
    expect(child.defaults).toMatchObject({ b: { value: 7 }, t: { value: "it's" } });
  });

  test('many tables are described with a few statements', async () => {
    const many = await server.createDatabase();
    const names = Array.from({ length: TABLES }, (_, index) => `t${String(index).padStart(4, '0')}`);
    await many.sql(names.map((name) => `CREATE TABLE ${name} (id INT PRIMARY KEY, v TEXT)`).join('; '));
    await many.sql('CREATE VIEW a_view AS SELECT * FROM t0000');
    await using connector = await openConnector(reach(server, many.database));
    const source = { name: 'shop', path: '', parameters: parametersOf({}), include: [], exclude: [] };
    const catalog = await connector.catalogProvider!(source, context);
    const before = (await many.receivedStatements())?.length ?? 0;
    const listed: string[] = [];
    for await (const { reference, tableType } of catalog.tables([many.database], context)) {
      listed.push(`${tableType} ${reference.name}`);
      expect((await catalog.table(reference, context))?.schema.fields).toHaveLength(2);
    }
    expect(listed).toEqual(['view a_view', ...names.map((name) => `base ${name}`)]);
    const statements = (await many.receivedStatements())?.slice(before).map(({ sql }) => sql);
    if (statements !== undefined) {
      const described = statements.filter((sql) => /information_schema/.test(sql));
      console.info(`${TABLES} tables: ${described.length} statements`);
      expect(described.length).toBeLessThan(15);
    }
    await many.sql('ALTER TABLE t0001 ADD COLUMN later INT');
    const reference = { namespace: [many.database], name: 't0001' };
    const after = await sent(async () => catalog.invalidate?.(reference));
    if (after !== undefined) expect(after).toEqual([]);
    expect((await catalog.table(reference, context))?.schema.fields).toHaveLength(3);
    expect(await catalog.table({ namespace: [many.database], name: 'none' }, context)).toBeUndefined();
    await many.drop();
  }, 300_000);

  test('unsupported types follow the action, and declared columns are checked', async () => {
    await database.sql(
      "CREATE TABLE odd (id INT, p POINT, d DECIMAL(65,30)); INSERT INTO odd VALUES (1, ST_GeomFromText('POINT(1 2)'), 12345678901234567890123456789012345.5)",
    );
    const warnings: string[] = [];
    await using connector = await openConnector(reach(server, database.database), warnings);
    expect((await errorOf(() => openTable(connector, 'odd'))).code).toBe('unsupported_type');
    expect(await readAll(await openTable(connector, 'odd', { unsupportedTypeAction: 'ignore' }))).toEqual([[1]]);
    expect(warnings).toEqual([]);
    expect(await readAll(await openTable(connector, 'odd', { unsupportedTypeAction: 'warn' }))).toEqual([[1]]);
    expect(warnings).toHaveLength(2);
    expect(await readAll(await openTable(connector, 'odd', { unsupportedTypeAction: 'string' }))).toEqual([
      [1, 'POINT(1 2)', `12345678901234567890123456789012345.5${'0'.repeat(29)}`],
    ]);
    const declare = (name: string, type: ReturnType<typeof dataTypes.utf8>) =>
      openTable(connector, 'odd', { schema: { fields: [{ name, type, nullable: true }] } });
    expect(await readAll(await declare('id', dataTypes.utf8()))).toEqual([['1']]);
    expect((await errorOf(() => declare('id', dataTypes.int64()))).code).toBe('schema_mismatch');
    expect((await errorOf(() => declare('none', dataTypes.utf8()))).code).toBe('schema_mismatch');
  });

  test('an indexed column is compared in the form that its index serves, and by bytes beside it', async () => {
    await database.sql(
      "CREATE TABLE names (id INT PRIMARY KEY, n VARCHAR(20) COLLATE utf8mb4_unicode_ci, d DATE, KEY (n), KEY (d)); INSERT INTO names VALUES (1, 'Anna', '2024-01-01'), (2, 'anna', '0000-00-00'), (3, 'ANNA ', '2024-01-02')",
    );
    await using connector = await openConnector(reach(server, database.database));
    const table = await openTable(connector, 'names');
    const filters = [
      call('eq', columnOf(table, 'n'), { kind: 'literal', value: 'anna', type: dataTypes.utf8() }),
      call('is_null', columnOf(table, 'd')),
    ];
    const plan = await planOf(table, { filters, projection: [0] });
    expect(plan.applied.filters).toEqual(['exact', 'exact']);
    expect(await readAll(table, { filters, projection: [0] })).toEqual([[2]]);
    const { statement, notes } = plan.explain();
    expect(statement).toMatch(/`n` = \? AND `n` COLLATE utf8mb4_\w+_bin = \?/);
    expect(notes?.join(' ')).not.toContain('anna');
    const day = { kind: 'literal', value: 19_723, type: dataTypes.date() } as const;
    const days = [call('le', columnOf(table, 'd'), day)];
    expect(await readAll(table, { filters: days, projection: [0] })).toEqual([[1]]);
    const [explained] = await database.sql(
      "EXPLAIN SELECT id FROM names WHERE n = 'anna' AND n COLLATE utf8mb4_bin = 'anna'",
    );
    expect(explained?.key).toBe('n');
  });

  test('ranges of the key are read apart, and say that they share no snapshot', async () => {
    await database.sql(
      'CREATE TABLE ranged (id BIGINT UNSIGNED PRIMARY KEY, v INT); INSERT INTO ranged SELECT seq, seq FROM (WITH RECURSIVE s(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM s WHERE seq < 900) SELECT seq FROM s) x; INSERT INTO ranged VALUES (18446744073709551615, -1)',
    );
    await using connector = await openConnector(reach(server, database.database));
    const table = await openTable(connector, 'ranged', { parameters: parametersOf({ mysql_scan_partitions: '4' }) });
    const plan = await planOf(table);
    expect(plan.partitions).toHaveLength(4);
    expect(plan.explain().notes?.join(' ')).toContain('do not share a snapshot');
    expect((await readAll(table)).length).toBe(901);
    const limited = await planOf(table, { limit: 3n });
    expect(limited.partitions).toHaveLength(1);
    const alone = await openTable(connector, 'ranged');
    expect((await planOf(alone)).partitions).toHaveLength(1);
    const statistics = await (await planOf(alone)).statistics?.();
    expect(statistics?.rowCount?.exact).toBe(false);
  });

  test('values are bound, hostile ones too, and connections have secrets in no text', async () => {
    await database.sql(
      "CREATE TABLE hostile (t VARCHAR(100) COLLATE utf8mb4_unicode_ci); INSERT INTO hostile VALUES ('x')",
    );
    await using connector = await openConnector(reach(server, database.database));
    const table = await openTable(connector, 'hostile');
    for (const value of ["' OR 1=1 -- ", '\\', "\\' OR 1=1 #", '?', '`', '/* */', 'a\0b', '$1', '😀']) {
      const literal: Expr = { kind: 'literal', value, type: dataTypes.utf8() };
      const plan = await planOf(table, { filters: [call('eq', columnOf(table, 't'), literal)] });
      expect(JSON.stringify([plan, plan.explain()])).not.toContain(server.password);
      expect(await readAll(table, { filters: [call('eq', columnOf(table, 't'), literal)] })).toEqual([]);
    }
  });
});
