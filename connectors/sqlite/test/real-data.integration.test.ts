import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createRegistry } from '@millrace/core/registry';
import { createRuntime, type Runtime } from '@millrace/runtime';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqliteConnector } from '../src/index.ts';

const FILE = join(
  process.env.MILLRACE_REAL_DATA ?? resolve(import.meta.dirname, '../../../../shared/data/real'),
  'chinook.sqlite',
);
const TABLES = [
  'Album',
  'Artist',
  'Customer',
  'Employee',
  'Genre',
  'Invoice',
  'InvoiceLine',
  'MediaType',
  'Playlist',
  'PlaylistTrack',
  'Track',
] as const;

describe.skipIf(!existsSync(FILE))(
  'the Chinook database (skipped: no ../shared/data/real/chinook.sqlite, and MILLRACE_REAL_DATA names no folder with it)',
  () => {
    let runtime: Runtime;
    let database: Database.Database;
    beforeAll(async () => {
      database = new Database(FILE, { readonly: true });
      runtime = await createRuntime({
        config: { datasets: TABLES.map((name) => ({ from: `sqlite:${name}`, name, params: { sqlite_file: FILE } })) },
        registry: createRegistry({ connectors: [sqliteConnector], accelerators: [] }),
      });
      await runtime.ready();
    });
    afterAll(async () => {
      await runtime?.close();
      database?.close();
    });

    test.each(TABLES)('%s has the rows that better-sqlite3 reads', async (name) => {
      const expected = database.prepare(`SELECT * FROM "${name}"`).raw().all() as unknown[][];
      const rows = await (await runtime.sql(`SELECT * FROM "${name}"`)).toRows();
      expect(rows.length).toBe(expected.length);
      const shown = rows.map((row) => Object.values(row).map(plain).join('|')).sort();
      expect(shown).toEqual(expected.map((row) => row.map(plain).join('|')).sort());
    });

    test.each([
      [
        'SELECT a."Name" AS name, count(*) AS n FROM "Track" t JOIN "Album" b USING ("AlbumId") JOIN "Artist" a USING ("ArtistId") WHERE t."Milliseconds" > 300000 GROUP BY ALL ORDER BY n DESC, name LIMIT 5',
        'SELECT a.Name AS name, count(*) AS n FROM Track t JOIN Album b USING (AlbumId) JOIN Artist a USING (ArtistId) WHERE t.Milliseconds > 300000 GROUP BY a.Name ORDER BY n DESC, name LIMIT 5',
      ],
      [
        'SELECT "BillingCountry" AS c, sum("Total") AS t FROM "Invoice" WHERE "InvoiceDate" >= TIMESTAMP \'2010-01-01\' GROUP BY ALL ORDER BY t DESC, c LIMIT 5',
        "SELECT BillingCountry AS c, round(sum(Total), 2) AS t FROM Invoice WHERE InvoiceDate >= '2010-01-01' GROUP BY c ORDER BY t DESC, c LIMIT 5",
      ],
    ])('questions have the answers of SQLite itself: %s', async (sql, own) => {
      for (const mode of [{}, { pushdown: 'off' }] as const) {
        const rows = await (await runtime.sql(sql, mode)).toRows();
        expect(rows.map((row) => Object.values(row).map(plain))).toEqual(
          (database.prepare(own).raw().all() as unknown[][]).map((row) => row.map(plain)),
        );
      }
    });
  },
);

/** Numbers by value, timestamps without the separator that each side chooses. */
function plain(value: unknown): string {
  const text = String(value);
  if (/^-?\d+(\.\d+)?$/.test(text)) return String(Number(text));
  return text.replace(/^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.0+)?$/, '$1 $2');
}
