import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileConnector } from '@millrace/connector-file';
import { createRegistry } from '@millrace/core/registry';
import { openDatabase } from '@millrace/duckdb';
import { ENGINES } from '@millrace/engines';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuntime } from '../../src/index.ts';

describe('files that are added while the file system is closed to SQL', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-added-files-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(async () => {
    writeFileSync(join(folder, 'rows.csv'), 'id,note\n1,a\n2,b\n3,c\n');
    await using database = await openDatabase({ path: ':memory:' });
    await database.withConnection((connection) =>
      connection.run(`COPY (FROM '${join(folder, 'rows.csv')}') TO '${join(folder, 'rows.parquet')}' (FORMAT parquet)`),
    );
  });
  const engines = [undefined, 'arrow', 'duckdb', 'sqlite'];

  it.each(['rows.csv', 'rows.parquet'].flatMap((file) => engines.map((engine) => ({ file, engine }))))(
    'are read through their connector ($file, engine $engine)',
    async ({ file, engine }) => {
      await using runtime = await createRuntime({
        config: { datasets: [] },
        baseDirectory: folder,
        registry: createRegistry({ connectors: [fileConnector], accelerators: ENGINES }),
      });
      const acceleration = engine === undefined ? {} : { acceleration: { engine } };
      await runtime.addDataset({ from: `file:${file}`, name: 'a', ...acceleration });
      await runtime.ready();
      const result = await runtime.sql('SELECT count(*)::INTEGER AS n, max(note) AS note FROM a');
      expect(await result.toRows()).toEqual([{ n: 3, note: 'c' }]);
      await expect(runtime.sql(`SELECT * FROM '${join(folder, file)}'`)).rejects.toMatchObject({
        code: 'sql_refused',
      });
    },
  );
});
