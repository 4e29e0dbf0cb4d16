import type { DataConnector } from '@millrace/core';
import {
  missingPostgres,
  type PostgresDatabase,
  type PostgresVersion,
  serviceTitle,
  sharedPostgres,
} from '@millrace/services';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { errorOf, literalsOf, openConnector, openTable, reach, rowsOf } from './open-postgres.ts';
import { TYPE_CASES, TYPE_SETUP } from './type-cases.ts';

const VERSIONS: readonly PostgresVersion[] = process.env.MILLRACE_TEST_FULL === undefined ? [18] : [16, 17, 18];
const ZONES = ['UTC', 'America/New_York', 'Asia/Kathmandu'] as const;

for (const version of VERSIONS) {
  const missing = missingPostgres(version);
  describe.skipIf(missing !== undefined)(serviceTitle(`types of PostgreSQL ${version}`, missing), () => {
    let database: PostgresDatabase;
    let connector: DataConnector;
    const zone = process.env.TZ;

    beforeAll(async () => {
      const server = await sharedPostgres({ version });
      database = await server.createDatabase();
      await database.sql(TYPE_SETUP);
      for (const [index, { type, literals }] of TYPE_CASES.entries()) {
        const rows = [...literals, 'NULL'].map((literal, place) => `(${place}, ${literal})`).join(', ');
        await database.sql(
          `CREATE TABLE case_${index} (place int, v ${type}); INSERT INTO case_${index} VALUES ${rows}`,
        );
      }
      connector = await openConnector(reach(database));
    });
    afterEach(() => {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    });
    afterAll(async () => {
      await connector?.close();
      await database?.drop();
    });

    for (const tz of ZONES) {
      test.each(TYPE_CASES.map((each, index) => [each.type, index] as const))(
        `%s is exact under TZ=${tz}`,
        async (_, index) => {
          process.env.TZ = tz;
          const table = await openTable(connector, `case_${index}`);
          expect(await literalsOf(table, 1)).toEqual([...TYPE_CASES[index]!.expected, null]);
        },
      );
    }

    test('the schema is the same whatever is in the table', async () => {
      await database.sql(`
        CREATE TABLE full_numbers (v numeric, w numeric(6,2), x text);
        CREATE TABLE no_numbers (LIKE full_numbers);
        INSERT INTO full_numbers SELECT CASE WHEN i > 10000 THEN i / 3.0::numeric(20,9) END, NULL, '1' FROM generate_series(1, 12000) i`);
      const full = await openTable(connector, 'full_numbers');
      expect(full.schema).toEqual((await openTable(connector, 'no_numbers')).schema);
      expect(await rowsOf(await openTable(connector, 'no_numbers'))).toEqual([]);
    });

    test.each([
      ['numeric', "'NaN'", 'NaN or infinite'],
      ['numeric', "'Infinity'", 'NaN or infinite'],
      ['numeric', '0.0000000001', 'behind the point'],
      ['numeric', "'1e30'", 'more digits'],
      ['integer[]', "'{{1,2},{3,4}}'", '2 dimensions'],
      ['interval', "'3000000 hours'", 'interval'],
      ['timestamp', "'294276-01-01'", '294246'],
    ])('a %s of %s fails and is never rounded', async (type, literal, reason) => {
      await database.sql(
        `DROP TABLE IF EXISTS unfit; CREATE TABLE unfit (v ${type}); INSERT INTO unfit VALUES (${literal})`,
      );
      const error = await errorOf(rowsOf(await openTable(connector, 'unfit')));
      expect(error.code).toBe('invalid_data');
      expect(error.message).toContain(reason);
      expect(error.message).not.toContain('0000000001');
    });

    test('pg_numeric_scale sets the digits of a plain numeric', async () => {
      await database.sql(
        'DROP TABLE IF EXISTS fine; CREATE TABLE fine (v numeric); INSERT INTO fine VALUES (0.123456789012345)',
      );
      await using fine = await openConnector({ ...reach(database), pg_numeric_scale: '15' });
      expect(await literalsOf(await openTable(fine, 'fine'), 0)).toEqual([123_456_789_012_345n]);
    });

    test('a type that cannot be read exactly follows the policy', async () => {
      await database.sql(`
        CREATE TYPE odd AS (n int, place inet);
        CREATE TABLE wide (id int, v numeric(50,2), c odd, h hstore);
        INSERT INTO wide VALUES (1, 12345678901234567890123456789012345678901234567.25, ROW(1, '10.0.0.1'), 'a=>1')`);
      const refused = await errorOf(openTable(connector, 'wide'));
      expect(refused.code).toBe('unsupported_type');
      expect(refused.message).toContain('v (numeric(50,2)), c (odd), h (hstore)');
      const text = await openTable(connector, 'wide', { unsupportedTypeAction: 'string' });
      expect(await rowsOf(text)).toEqual([
        [1, '12345678901234567890123456789012345678901234567.25', '(1,10.0.0.1)', '"a"=>"1"'],
      ]);
      const ignored = await openTable(connector, 'wide', { unsupportedTypeAction: 'ignore' });
      expect(await rowsOf(ignored)).toEqual([[1]]);
      const warnings: string[] = [];
      await using warned = await openConnector(reach(database), warnings);
      expect(await rowsOf(await openTable(warned, 'wide', { unsupportedTypeAction: 'warn' }))).toEqual([[1]]);
      expect(warnings.join()).toContain('numeric(50,2)');
    });

    test('generated columns are read like others', async () => {
      await database.sql(
        'CREATE TABLE sums (a int, b int GENERATED ALWAYS AS (a * 2) STORED); INSERT INTO sums VALUES (21)',
      );
      expect(await rowsOf(await openTable(connector, 'sums'))).toEqual([[21, 42]]);
    });
  });
}
