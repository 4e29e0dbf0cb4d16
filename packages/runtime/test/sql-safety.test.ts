import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field, isMillraceError } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { CANARY_FILE, CANARY_URL, HOSTILE_STATEMENTS } from '@millrace/test-fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuntime, type Runtime } from '../src/index.ts';

const LONG_AGO = new Date('2001-01-01T00:00:00Z');

/** A catalog beside the dataset changes how names are read, and must not open anything. */
const CATALOGS = { without: [], with: [{ from: 'memory', name: 'shop', params: { memory_database: 'sql-safety' } }] };

describe.each(['without', 'with'] as const)('statements that try to leave the datasets, %s a catalog', (kind) => {
  let runtime: Runtime;
  let folder: string;
  let canary: string;
  let listener: Server;
  let requests = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-canary-'));
    canary = join(folder, 'secret.csv');
    writeFileSync(canary, 'id,secret\n1,canary-canary-canary\n');
    listener = createServer((_, response) => {
      requests += 1;
      response.end();
    });
    listener.on('connection', () => {
      requests += 1;
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    memoryDatabase('sql-safety').put('orders', {
      schema: {
        fields: [field('id', dataTypes.int32()), field('name', dataTypes.utf8()), field('price', dataTypes.float64())],
      },
      rows: [[1, 'a', 1.5]],
    });
    const params = { memory_database: 'sql-safety' };
    runtime = await createRuntime({
      config: { datasets: [{ from: 'memory:orders', name: 'orders', params }], catalogs: CATALOGS[kind] },
      registry: createRegistry({ connectors: [memoryConnector], accelerators: [] }),
    });
  });
  afterAll(async () => {
    await runtime.close();
    await new Promise((resolve) => listener.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  it('are all refused with a code, and neither file nor network is touched', async () => {
    const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/canary.parquet`;
    // A file system that keeps access times updates one that is older than the last change, so a single read would show.
    utimesSync(canary, LONG_AGO, new Date());
    const accessed = statSync(canary).atimeMs;
    for (const { sql, code } of HOSTILE_STATEMENTS) {
      const aimed = sql.replaceAll(CANARY_FILE, canary).replaceAll(CANARY_URL, url);
      for (const native of ['on', 'off'] as const) {
        const outcome = await runtime
          .sql(aimed, { native })
          .then((result) => result.toRows())
          .catch((error: unknown) => error);
        if (!isMillraceError(outcome)) throw new Error(`was not refused: ${aimed}`);
        expect({ sql: aimed, code: outcome.code }).toEqual({ sql: aimed, code });
        expect(outcome.message).not.toContain('canary-canary-canary');
      }
      await expect(runtime.explain(aimed), aimed).rejects.toSatisfy(isMillraceError);
    }
    expect(requests).toBe(0);
    expect(statSync(canary).atimeMs).toBe(accessed);
    expect(HOSTILE_STATEMENTS.length).toBeGreaterThanOrEqual(60);
  });

  if (kind === 'with') {
    it('are refused behind the name of a catalog, too', async () => {
      for (const [sql, code] of [
        [`SELECT * FROM shop.main."${canary}"`, 'unknown_table'],
        [`SELECT * FROM shop.main.orders, '${canary}'`, 'sql_refused'],
        [`SELECT * FROM shop.main.read_csv('${canary}')`, 'sql_refused'],
        ['SELECT * FROM shop.main.orders, memory.main.orders', 'sql_refused'],
        ['SELECT * FROM __millrace_listing.main.tables', 'sql_refused'],
        ['SELECT * FROM shop.pg_catalog.pg_class', 'unknown_table'],
        ['SELECT * FROM shop.information_schema.tables', 'unknown_table'],
        ['SELECT * FROM shop.main.duckdb_tables', 'unknown_table'],
        ['SELECT * FROM shop.main.orders, information_schema.tables', 'sql_refused'],
        ['SELECT * FROM "shop.main"."__millrace_q1"', 'unknown_table'],
      ] as const) {
        const error = await runtime.sql(sql).catch((thrown: unknown) => thrown);
        expect({ sql, code: isMillraceError(error) ? error.code : 'accepted' }).toEqual({ sql, code });
      }
      expect(await (await runtime.sql('SELECT count(*) AS n FROM shop.orders')).toRows()).toEqual([{ n: 1n }]);
    });
  }

  it('cannot hide in a view', async () => {
    const registry = createRegistry({ connectors: [memoryConnector], accelerators: [] });
    for (const sql of [
      `SELECT * FROM '${canary}'`,
      `SELECT * FROM read_csv('${canary}')`,
      `SELECT * FROM query('SELECT 1')`,
    ]) {
      await expect(
        createRuntime({ config: { datasets: [], views: [{ name: 'v', sql }] }, registry }),
      ).rejects.toMatchObject({
        code: 'sql_refused',
        component: 'view v',
      });
    }
  });

  it('are stopped by the engine as well, should inspection ever let one through', async () => {
    const engine = await import('../src/query/query-engine.ts');
    const instance = await engine.QueryEngine.open({ memoryLimit: '1GB', tempDirectory: join(folder, 'spill') });
    try {
      await instance.restrictFileAccess({ paths: [], directories: [] });
      const read = instance.database.withConnection((connection) =>
        connection.rows(`SELECT * FROM read_csv('${canary}')`),
      );
      await expect(read).rejects.toSatisfy(isMillraceError);
    } finally {
      await instance.close();
    }
  });
});
