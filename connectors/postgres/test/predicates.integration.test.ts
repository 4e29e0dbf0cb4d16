import { createRegistry } from '@millrace/core/registry';
import { createRuntime, type Runtime } from '@millrace/runtime';
import { missingPostgres, type PostgresDatabase, serviceTitle, sharedPostgres } from '@millrace/services';
import { checkPredicates } from '@millrace/workloads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresConnector } from '../src/index.ts';
import { reach } from './open-postgres.ts';
import { SAMPLE_SETUP } from './sample-table.ts';

const COUNT = process.env.MILLRACE_TEST_FULL === undefined ? 250 : 2_000;
/** Default collations of the databases that hold the rows; undefined is the server's C.UTF-8. */
const LOCALES = [undefined, 'cs-CZ', 'da-DK'] as const;

const missing = missingPostgres();
describe.skipIf(missing !== undefined)(serviceTitle('random predicates', missing), () => {
  let runtime: Runtime;
  const databases: PostgresDatabase[] = [];

  beforeAll(async () => {
    const server = await sharedPostgres();
    for (const icuLocale of LOCALES) {
      const database = await server.createDatabase(icuLocale === undefined ? {} : { icuLocale });
      await database.sql(SAMPLE_SETUP);
      databases.push(database);
    }
    runtime = await createRuntime({
      config: {
        datasets: databases.map((database, index) => ({
          from: 'postgres:public.sample',
          name: nameOf(LOCALES[index]),
          params: { ...reach(database) },
        })),
      },
      registry: createRegistry({ connectors: [postgresConnector], accelerators: [] }),
    });
  });
  afterAll(async () => {
    await runtime?.close();
    for (const database of databases) await database.drop();
  });

  test.each(LOCALES.map((locale, index) => [nameOf(locale), index] as const))(
    'give the rows of a scan without pushdown: %s',
    async (dataset, index) => {
      const seed = Number(
        process.env.MILLRACE_TEST_SEED ?? (process.env.MILLRACE_TEST_FULL === undefined ? 35 : Date.now() % 2 ** 31),
      );
      const count = index === 0 ? COUNT : COUNT / 2;
      const database = databases[index]!;
      const report = await checkPredicates({
        runtime,
        dataset,
        seed,
        count,
        receivedStatements: async (run) => {
          const before = (await database.receivedStatements())?.length ?? 0;
          await run();
          return ((await database.receivedStatements()) ?? [])
            .slice(before)
            .map(({ sql, parameters }) => `${sql} -- ${parameters ?? ''}`);
        },
      });
      console.info(`postgres ${dataset}: ${JSON.stringify(report)}`);
      expect(report.pushedCount / count).toBeGreaterThan(0.6);
      expect(report.selectiveCount / count).toBeGreaterThan(0.8);
    },
    1_200_000,
  );
});

function nameOf(locale: string | undefined): string {
  return `sample_${(locale ?? 'c').replaceAll('-', '_').toLowerCase()}`;
}
