import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openDatabase } from '@millrace/duckdb';
import { describe, expect, it } from 'vitest';
import { CHINOOK_QUESTIONS, duckdbStatements, readChinook } from '../src/index.ts';

const FOLDER = process.env.MILLRACE_REAL_DATA ?? resolve(import.meta.dirname, '../../../../shared/data/real');
const FILE = join(FOLDER, 'chinook.sqlite');

describe.skipIf(!existsSync(FILE))(
  'the questions (skipped: no chinook.sqlite in ../shared/data/real or in the folder that MILLRACE_REAL_DATA names)',
  () => {
    it('read all eleven tables, are twenty, and each has an answer of several rows', async () => {
      const tables = readChinook(FILE);
      expect(tables).toHaveLength(11);
      expect(CHINOOK_QUESTIONS).toHaveLength(20);
      await using database = await openDatabase({ path: ':memory:' });
      await database.withConnection(async (connection) => {
        for (const statement of duckdbStatements(tables)) await connection.run(statement);
        for (const { title, sql } of CHINOOK_QUESTIONS) {
          const rows = await connection.rows(sql);
          expect(rows.length, title).toBeGreaterThanOrEqual(4);
          expect(await connection.rows(sql), title).toEqual(rows);
        }
      });
      const text = CHINOOK_QUESTIONS.slice(1)
        .map(({ sql }) => sql)
        .join('\n');
      for (const { name } of tables) expect(text).toContain(`"${name}"`);
    });
  },
);
