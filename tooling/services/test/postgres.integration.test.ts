import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  isRunning,
  missingPostgres,
  type PostgresVersion,
  serviceTitle,
  sharedPostgres,
  startPostgres,
} from '../src/index.ts';

const VERSIONS: readonly PostgresVersion[] = [16, 17, 18];

for (const version of VERSIONS) {
  const missing = missingPostgres(version);
  describe.skipIf(missing !== undefined)(serviceTitle(`PostgreSQL ${version}`, missing), () => {
    test('starts as a normal user, logs what it receives, and is gone after stop', async () => {
      const server = await startPostgres({ version });
      try {
        const database = await server.createDatabase();
        const [row] = await database.sql('SELECT current_setting($1) AS wal', ['wal_level']);
        expect(row).toEqual({ wal: 'logical' });
        const [release] = await database.sql('SHOW server_version_num');
        expect(String(release?.server_version_num).slice(0, 2)).toBe(String(version));
        const statements = await database.receivedStatements();
        expect(statements?.map(({ sql }) => sql)).toEqual([
          'SELECT current_setting($1) AS wal',
          'SHOW server_version_num',
        ]);
        expect(statements?.[0]?.parameters).toContain('wal_level');
      } finally {
        await server.stop();
        await server.stop();
      }
      expect(isRunning(server.pid)).toBe(false);
    });
  });
}

const missing = missingPostgres();
describe.skipIf(missing !== undefined)(serviceTitle('the shared server', missing), () => {
  test('is one server, with databases apart', async () => {
    const [one, two] = await Promise.all([sharedPostgres(), sharedPostgres()]);
    expect(one.connectionString).toBe(two.connectionString);
    const database = await one.createDatabase({ icuLocale: 'cs-CZ' });
    const rows = await database.sql("SELECT v FROM (VALUES ('chata'), ('duha'), ('hora')) AS t(v) ORDER BY v");
    expect(rows.map(({ v }) => v)).toEqual(['duha', 'hora', 'chata']);
    await database.drop();
  });

  test('a killed server is gone and does not come back', async () => {
    await using server = await startPostgres();
    await server.kill();
    await delay(50);
    expect(isRunning(server.pid)).toBe(false);
    await expect(server.createDatabase()).rejects.toThrow();
  });
});
