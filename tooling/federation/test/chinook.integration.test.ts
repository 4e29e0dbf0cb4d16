import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RowValue } from '@millrace/arrow';
import { openDatabase } from '@millrace/duckdb';
import { createRuntime, type Runtime, type RuntimeConfigInput, type SqlOptions } from '@millrace/runtime';
import { serviceTitle } from '@millrace/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CHINOOK_QUESTIONS,
  duckdbStatements,
  missingStores,
  OPEN_STORES,
  readChinook,
  type Store,
  type TableRows,
} from '../src/index.ts';
import { allPlugins } from './registry.ts';

const FOLDER = process.env.MILLRACE_REAL_DATA ?? resolve(import.meta.dirname, '../../../../shared/data/real');
const FILE = join(FOLDER, 'chinook.sqlite');
const KINDS = ['sqlite', 'postgres', 'mysql', 'duckdb'] as const;
type Kind = (typeof KINDS)[number];

/** The ways in which a question can reach the tables: from which stores they come, in turn, and what keeps copies of them. */
const WAYS: readonly {
  readonly title: string;
  readonly from: readonly Kind[];
  readonly engine?: string;
  readonly access?: 'catalogs';
  readonly options?: readonly SqlOptions[];
}[] = [
  ...KINDS.map((kind) => ({
    title: kind,
    from: [kind],
    options: [{}, { native: 'off' }, { pushdown: 'off' }] as const,
  })),
  { title: 'sqlite and postgres', from: ['sqlite', 'postgres'] },
  { title: 'mysql and duckdb', from: ['mysql', 'duckdb'] },
  { title: 'postgres and mysql', from: ['postgres', 'mysql'] },
  { title: 'all four', from: KINDS },
  { title: 'catalogs of all four', from: KINDS, access: 'catalogs' },
  { title: 'postgres, accelerated in duckdb', from: ['postgres'], engine: 'duckdb' },
  { title: 'mysql, accelerated in arrow', from: ['mysql'], engine: 'arrow' },
  { title: 'sqlite and duckdb, accelerated in duckdb', from: ['sqlite', 'duckdb'], engine: 'duckdb' },
];

const missing = existsSync(FILE)
  ? missingStores()
  : 'no chinook.sqlite in ../shared/data/real or in the folder that MILLRACE_REAL_DATA names';

describe.skipIf(missing !== undefined)(serviceTitle('the music shop in four databases', missing), () => {
  const stores = new Map<Kind, Store>();
  const runtimes = new Map<string, Runtime>();
  const expected = new Map<string, readonly (readonly RowValue[])[]>();

  function configOf({ from, engine, access }: (typeof WAYS)[number], tables: readonly TableRows[]): RuntimeConfigInput {
    const storeOf = (index: number): Store => {
      // The original file is read as it is; the other stores were filled from it.
      const store = stores.get(from[index % from.length]!)!;
      return store.connector === 'sqlite' ? { ...store, params: { sqlite_file: FILE } } : store;
    };
    if (access === 'catalogs') {
      return {
        catalogs: from.map((kind, index) => ({ from: kind, name: `cat_${kind}`, params: storeOf(index).params })),
        views: tables.map(({ name }, index) => {
          const { connector, schemaName } = storeOf(index);
          return { name, sql: `SELECT * FROM cat_${connector}."${schemaName}"."${name}"` };
        }),
      };
    }
    return {
      datasets: tables.map(({ name }, index) => {
        const { connector, params } = storeOf(index);
        return {
          from: `${connector}:${name}`,
          name,
          params,
          ...(engine === undefined ? {} : { acceleration: { engine } }),
        };
      }),
    };
  }

  beforeAll(async () => {
    const tables = readChinook(FILE);
    await Promise.all(KINDS.map(async (kind) => stores.set(kind, await OPEN_STORES[kind](tables))));
    await using database = await openDatabase({ path: ':memory:' });
    await database.withConnection(async (connection) => {
      for (const statement of duckdbStatements(tables)) await connection.run(statement);
      for (const { title, sql } of CHINOOK_QUESTIONS) expected.set(title, await connection.rows(sql));
    });
    for (const way of WAYS) {
      const runtime = await createRuntime({ config: configOf(way, tables), registry: allPlugins() });
      runtimes.set(way.title, runtime);
      await runtime.ready();
    }
  }, 300_000);
  afterAll(async () => {
    for (const runtime of runtimes.values()) await runtime.close();
    for (const store of stores.values()) await store.close();
  });

  describe.each(WAYS)('from $title', ({ title: way, options = [{}] }) => {
    it.each(CHINOOK_QUESTIONS)('$title', async ({ title, sql }) => {
      for (const each of options) {
        const result = await runtimes.get(way)!.sql(sql, each);
        const rows = (await result.toRows()).map((row) => Object.values(row));
        expect(rows, JSON.stringify(each)).toEqual(expected.get(title));
      }
    });
  });
});
