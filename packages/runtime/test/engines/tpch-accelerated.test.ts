import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileConnector } from '@millrace/connector-file';
import { createRegistry } from '@millrace/core/registry';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { ENGINE_MODES, ENGINES, openEngine } from '@millrace/engines';
import { TPCH_QUERIES, type TpchFiles, writeTpchFiles } from '@millrace/workloads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuntime } from '../../src/index.ts';
import { comparable } from '../comparable-rows.ts';

const SCALE_FACTOR = process.env.MILLRACE_TEST_FULL ? 0.1 : 0.01;

describe(`the 22 TPC-H queries over accelerated tables at scale factor ${SCALE_FACTOR}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-tpch-'));
  let bare: DuckDbDatabase;
  let files: TpchFiles;

  beforeAll(async () => {
    files = await writeTpchFiles({ directory: join(tmpdir(), 'millrace-workloads'), scaleFactor: SCALE_FACTOR });
    bare = await openDatabase({ path: ':memory:', threads: 2 });
    await bare.withConnection(async (connection) => {
      for (const { table, path } of files.files)
        await connection.run(`CREATE VIEW ${table} AS SELECT * FROM '${path}'`);
    });
  }, 300_000);
  afterAll(async () => {
    await bare?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(ENGINE_MODES)(
    'equal what bare DuckDB answers over the source ($engine, $mode)',
    async (engineMode) => {
      const { params, close } = await openEngine(engineMode.engine);
      const datasets = files.files.map(({ table, path }) => ({
        from: `file:${path}`,
        name: table,
        acceleration: { ...engineMode, params },
      }));
      const runtime = await createRuntime({
        config: { datasets },
        registry: createRegistry({ connectors: [fileConnector], accelerators: ENGINES }),
        baseDirectory: folder,
        threads: 2,
      });
      await runtime.ready();
      for (const { number, sql } of TPCH_QUERIES) {
        const expected = await bare.withConnection((connection) => connection.rows(sql));
        expect(expected.length, `Q${number}`).toBeGreaterThan(0);
        const rows = (await (await runtime.sql(sql)).toRows()).map((row) => Object.values(row));
        expect(comparable(rows), `Q${number}`).toEqual(comparable(expected));
      }
      await runtime.close();
      await close();
    },
    1_800_000,
  );
});
