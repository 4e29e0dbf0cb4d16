import { createRegistry } from '@millrace/core/registry';
import { createRuntime, type Runtime } from '@millrace/runtime';
import { type MariaDbDatabase, missingMariaDb, serviceTitle, sharedMariaDb } from '@millrace/services';
import { checkPredicates } from '@millrace/workloads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mysqlConnector } from '../src/index.ts';
import { reach } from './open-mysql.ts';
import { sampleStatements } from './sample-table.ts';

const missing = missingMariaDb();
const COUNT = process.env.MILLRACE_TEST_FULL === undefined ? 200 : 2_000;
const ROWS = 400;

describe.skipIf(missing !== undefined)(serviceTitle('random predicates', missing), () => {
  let database: MariaDbDatabase;
  let runtime: Runtime;

  beforeAll(async () => {
    const server = await sharedMariaDb();
    database = await server.createDatabase();
    await database.sql(sampleStatements('sample', ROWS));
    const texts = ['ci', 'bin', 'general', 'latin', 'padded', 'size'].join(', ');
    await database.sql(`CREATE TABLE texts AS SELECT id, ${texts} FROM sample`);
    const params = reach(server, database.database);
    runtime = await createRuntime({
      config: {
        datasets: [
          { from: 'mysql:sample', name: 'sample', params: { ...params } },
          { from: 'mysql:texts', name: 'texts', params: { ...params, mysql_time_zone: '+05:45' } },
        ],
      },
      registry: createRegistry({ connectors: [mysqlConnector], accelerators: [] }),
    });
  });
  afterAll(async () => {
    await runtime?.close();
    await database?.drop();
  });

  test.each(['sample', 'texts'])(
    'the rows of %s are those of a scan without pushdown',
    async (dataset) => {
      const seed = Number(
        process.env.MILLRACE_TEST_SEED ?? (process.env.MILLRACE_TEST_FULL === undefined ? 35 : Date.now() % 2 ** 31),
      );
      const received = async (run: () => Promise<void>): Promise<readonly string[]> => {
        const before = (await database.receivedStatements())?.length ?? 0;
        await run();
        return ((await database.receivedStatements()) ?? []).slice(before).map(({ sql }) => sql);
      };
      const report = await checkPredicates({ runtime, dataset, seed, count: COUNT, receivedStatements: received });
      console.info(`${dataset}: ${JSON.stringify(report)}`);
      expect(report.pushedCount / COUNT).toBeGreaterThan(0.6);
      expect(report.selectiveCount / COUNT).toBeGreaterThan(0.8);
    },
    1_200_000,
  );
});
