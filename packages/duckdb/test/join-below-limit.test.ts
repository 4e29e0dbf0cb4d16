import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DuckDbDatabase, openDatabase } from '../src/index.ts';

/** Often enough that DuckDB's threads meet in the order that loses rows. */
const ROUNDS = 30;

let database: DuckDbDatabase;
beforeAll(async () => {
  database = await openDatabase({ path: ':memory:' });
});
afterAll(() => database.close());

test('the rows of a LIMIT do not depend on what they are joined to afterwards', async () => {
  await database.withConnection(async (connection) => {
    await connection.run('CREATE TABLE a AS SELECT range::INTEGER AS id, (range % 7)::INTEGER AS k FROM range(20)');
    await connection.run('CREATE TABLE b AS SELECT range::INTEGER AS id FROM range(20)');
    const latest = 'SELECT a.id, a.k FROM a JOIN b ON a.id = b.id ORDER BY a.id DESC LIMIT 3 OFFSET 2';
    const sql = `SELECT t.id FROM (${latest}) t JOIN (SELECT 1 AS w UNION ALL SELECT 0) v ON t.k = v.w`;
    for (let round = 0; round < ROUNDS; round++) expect(await connection.rows(sql)).toEqual([[15]]);
  });
});
