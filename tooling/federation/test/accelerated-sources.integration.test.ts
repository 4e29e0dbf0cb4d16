import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ENGINE_MODES, type OpenedEngine, openEngine } from '@millrace/engines';
import { createRuntime, type DatasetInput, type Runtime } from '@millrace/runtime';
import { serviceTitle } from '@millrace/services';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { missingStores, OPEN_TYPED_SOURCES, TYPED_COLUMNS } from '../src/index.ts';
import { allPlugins } from './registry.ts';

const ROW_COUNT = process.env.MILLRACE_TEST_FULL ? 20_000 : 300;
const KINDS = ['file', 'memory', 'postgres', 'mysql', 'sqlite'] as const;
const COPIES = ENGINE_MODES.flatMap(({ engine, mode }) =>
  (['full', 'append'] as const).map((refresh) => ({ engine, mode, refresh, name: `in_${engine}_${mode}_${refresh}` })),
);

/** All rows in the order of their keys, each as text that tells 1 from 1n, -0 from 0 and bytes from lists. */
async function read(runtime: Runtime, table: string): Promise<readonly string[]> {
  const rows = await (await runtime.sql(`SELECT * FROM ${table} ORDER BY k`)).toRows();
  return rows.map((row) => inspect(row, { breakLength: Number.POSITIVE_INFINITY, depth: null, maxStringLength: null }));
}

const missing = missingStores();
describe.each(KINDS)('copies of a table of %s in every engine', (kind) => {
  const isMissing = missing !== undefined && (kind === 'postgres' || kind === 'mysql');
  const folder = mkdtempSync(join(tmpdir(), 'millrace-copies-'));
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.skipIf(isMissing)(
    serviceTitle(
      'hold its rows and types exactly, after full refreshes and after appends',
      isMissing ? missing : undefined,
    ),
    async () => {
      const source = await OPEN_TYPED_SOURCES[kind]();
      closing.push(source.close);
      await source.insert({ start: 0, end: ROW_COUNT });
      const { from, params } = source;
      const engines = new Map<string, OpenedEngine>();
      for (const { engine } of ENGINE_MODES) {
        if (engines.has(engine)) continue;
        const opened = await openEngine(engine);
        closing.push(opened.close);
        engines.set(engine, opened);
      }
      const copies = COPIES.map(({ name, engine, mode, refresh }): DatasetInput => {
        const acceleration = { engine, mode, params: engines.get(engine)!.params, refresh_mode: refresh };
        return refresh === 'full'
          ? { from, params, name, acceleration }
          : { from, params, name, time_column: 'happened', acceleration };
      });
      const runtime = await createRuntime({
        config: { datasets: [{ from, params, name: 'source' }, ...copies] },
        registry: allPlugins(),
        baseDirectory: folder,
        threads: 2,
      });
      closing.push(() => runtime.close());
      await runtime.ready();
      const described = async (table: string) => (await runtime.sql(`DESCRIBE ${table}`)).toRows();
      const types = await described('source');
      expect(types).toHaveLength(TYPED_COLUMNS.length + 2);
      const rowCount = ROW_COUNT + 40;
      await source.insert({ start: ROW_COUNT, end: rowCount });
      const expected = await read(runtime, 'source');
      expect(expected).toHaveLength(rowCount);
      for (const { name, refresh } of COPIES) {
        expect(await runtime.refresh(name), name).toMatchObject({ mode: refresh });
        expect(await read(runtime, name), name).toEqual(expected);
        expect(await described(name), name).toEqual(types);
      }
    },
    600_000,
  );
});
