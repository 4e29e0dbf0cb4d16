import { missingPostgres, type PostgresDatabase, serviceTitle, sharedPostgres } from '@millrace/services';
import { testRefreshes, VERSION_SCHEMA } from '@millrace/test-fixtures';
import * as runner from 'vitest';
import { type Accelerated, accelerate, reach } from './accelerate.ts';

const { afterAll, beforeAll, describe } = runner;
const missing = missingPostgres();

describe.skipIf(missing !== undefined)(serviceTitle('refreshes', missing), () => {
  let database: PostgresDatabase;
  const opened: Accelerated[] = [];
  beforeAll(async () => {
    database = await (await sharedPostgres()).createDatabase();
  });
  afterAll(async () => {
    await Promise.all(opened.map(({ accelerator }) => accelerator.shutdown()));
    await database?.drop();
  });

  testRefreshes({
    runner,
    open: async (command = {}) => {
      const name = { schemaName: 'sales', table: `t${opened.length}` };
      const accelerated = await accelerate({ given: reach(database), name, schema: VERSION_SCHEMA, command });
      opened.push(accelerated);
      return accelerated.table;
    },
    rowCount: 80_000,
  });
});
