import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { fileConnector } from '@millrace/connector-file';
import { dataTypes } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { openDatabase, quoteIdentifier, toSqlLiteral } from '@millrace/duckdb';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuntime, type Runtime } from '../src/index.ts';

const FOLDER = process.env.MILLRACE_REAL_DATA ?? resolve(import.meta.dirname, '../../../../shared/data/real');
const READERS: Readonly<Record<string, string>> = {
  '.csv': 'read_csv(PATH, sample_size = -1)',
  '.tsv': 'read_csv(PATH, sample_size = -1)',
  '.json': 'read_json(PATH, sample_size = -1)',
};
const FILES = existsSync(FOLDER) ? readdirSync(FOLDER).filter((file) => READERS[extname(file)] !== undefined) : [];
const VARIANTS = ['federated', 'arrow', 'duckdb'] as const;
const MODES = [{}, { native: 'off' }, { pushdown: 'off' }] as const;

function nameOf(file: string, variant: string): string {
  return `${variant}_${file.replaceAll(/[^a-z0-9]/g, '_')}`;
}

describe.skipIf(!existsSync(FOLDER))(
  'real files (skipped: no folder ../shared/data/real, and MILLRACE_REAL_DATA names none)',
  () => {
    let runtime: Runtime;
    const arrowFile = join(FOLDER, 'flights-200k.arrow');

    beforeAll(async () => {
      runtime = await createRuntime({
        config: {
          datasets: [...FILES, 'flights-200k.arrow'].flatMap((file) =>
            VARIANTS.map((variant) => ({
              from: `file:${join(FOLDER, file)}`,
              name: nameOf(file, variant),
              ...(variant === 'federated' ? {} : { acceleration: { engine: variant } }),
            })),
          ),
        },
        registry: createRegistry({ connectors: [fileConnector], accelerators: [arrowAccelerator, duckdbAccelerator] }),
      });
      await runtime.ready();
    });
    afterAll(() => runtime?.close());

    it('are all there', () => {
      expect(FILES.length).toBeGreaterThanOrEqual(15);
    });

    it.each(FILES)('%s is what bare DuckDB reads', async (file) => {
      await using database = await openDatabase({ path: ':memory:' });
      const reader = READERS[extname(file)]!.replace('PATH', toSqlLiteral(join(FOLDER, file), dataTypes.utf8()));
      const [columns, expected] = await database.withConnection(async (connection) => {
        await connection.run(`CREATE TABLE t AS SELECT * FROM ${reader}`);
        const described = await connection.rows(
          "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 't' ORDER BY column_index",
        );
        return [
          described,
          await connection.rows(
            checksums(
              't',
              described.map(([name]) => String(name)),
            ),
          ),
        ];
      });
      expect(columns.length).toBeGreaterThan(0);
      for (const variant of VARIANTS) {
        const table = nameOf(file, variant);
        const described = await (await runtime.sql(`DESCRIBE ${table}`)).toRows();
        expect(
          described.map((row) => [row.column_name, row.column_type]),
          table,
        ).toEqual(columns);
        for (const mode of MODES) {
          const result = await runtime.sql(
            checksums(
              table,
              columns.map(([name]) => String(name)),
            ),
            mode,
          );
          expect(
            (await result.toRows()).map((row) => Object.values(row)),
            `${table} ${JSON.stringify(mode)}`,
          ).toEqual(expected);
        }
      }
    });

    it('flights-200k.arrow is what apache-arrow reads', async () => {
      const table = tableFromIPC(readFileSync(arrowFile));
      const names = table.schema.fields.map(({ name }) => name);
      for (const variant of VARIANTS) {
        const name = nameOf('flights-200k.arrow', variant);
        for (const mode of MODES) {
          const result = await runtime.sql(`SELECT * FROM ${name}`, mode);
          expect(result.schema.fields.map((field) => [field.name, field.type.typeId])).toEqual(
            table.schema.fields.map((field) => [field.name, field.type.typeId]),
          );
          const read = await result.toTable();
          expect(read.numRows).toBe(table.numRows);
          for (const column of names) {
            const values = (from: { getChild(name: string): unknown }) =>
              Float64Array.from(from.getChild(column) as Iterable<number>).sort();
            expect(
              Buffer.from(values(read).buffer).equals(Buffer.from(values(table).buffer)),
              `${name}.${column}`,
            ).toBe(true);
          }
        }
      }
    });

    it('keeps what is easily lost', async () => {
      const first = async (sql: string) => (await (await runtime.sql(sql)).toRows())[0];
      const zipcodes = `SELECT zip_code FROM ${nameOf('zipcodes.csv', 'duckdb')} WHERE zip_code LIKE '0%' ORDER BY 1 LIMIT 1`;
      expect(String((await first(zipcodes))!.zip_code)).toMatch(/^0/);
      expect((await first(`SELECT * FROM ${nameOf('birdstrikes.csv', 'arrow')} LIMIT 1`))!).toHaveProperty(
        'Airport Name',
      );
      expect((await first(`SELECT count(*) AS n FROM ${nameOf('movies.json', 'federated')}`))!.n).toBeGreaterThan(
        3_000n,
      );
    });
  },
);

/** The number of rows, and of each column how many values there are and a hash over all of them. */
function checksums(table: string, columns: readonly string[]): string {
  const sums = columns.map((name) => `count(${quoteIdentifier(name)}), sum(hash(${quoteIdentifier(name)})::HUGEINT)`);
  return `SELECT count(*), ${sums.join(', ')} FROM ${table}`;
}
