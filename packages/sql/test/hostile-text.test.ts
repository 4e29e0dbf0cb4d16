import { dataTypes, type Expr, isMillraceError, type ScalarFunction } from '@millrace/core';
import { type DuckDbConnection, type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ansiFunctions, planSelect, type SqlTable, translateFilter } from '../src/index.ts';
import { SQLITE_DIALECT } from './sample-targets.ts';

const HOSTILE = [
  "'",
  "''",
  '"',
  '""',
  '`',
  '\\',
  "\\'",
  '\\\\',
  '--',
  '; DROP TABLE t; --',
  '/* */',
  '*/',
  '$' + '{x}',
  '?',
  '$1',
  '$2',
  ':name',
  '@p',
  '%',
  '_',
  '\\%',
  '%_!#~|^@&$',
  '!',
  '!!',
  '!%',
  '\n',
  '\r\n',
  '\t',
  ' ',
  '',
  "' OR 1 = 1 --",
  '😀',
  'é',
  'e\u0301',
  '\u0001',
  '[a]',
  '{"a":1}',
  'a%b_c\\d',
  'x'.repeat(5000),
] as const;

const TEXT = dataTypes.utf8();
const column: Expr = { kind: 'column', path: ['c'], type: TEXT };
const literal = (value: string): Expr => ({ kind: 'literal', value, type: TEXT });
const call = (name: ScalarFunction, ...args: readonly Expr[]): Expr => ({
  kind: 'call',
  function: name,
  args,
  type: dataTypes.bool(),
});

const table: SqlTable = {
  dialect: {
    ...SQLITE_DIALECT,
    placeholder: (ordinal) => `$${ordinal}`,
    listTest: () => undefined,
    functions: ansiFunctions,
  },
  profile: {
    column: () => ({ equality: 'same', order: 'same', pattern: 'same' }),
    isEqualFunction: () => false,
  },
  from: 't',
  columns: [{ name: 'c', field: { name: 'c', type: TEXT, nullable: true }, sourceType: 'text' }],
  component: 'hostile',
};

let database: DuckDbDatabase;
let connection: DuckDbConnection;
beforeAll(async () => {
  database = await openDatabase({ path: ':memory:', threads: 1 });
  connection = await database.connect();
  await connection.run('CREATE TABLE t (c VARCHAR)');
  for (const text of HOSTILE) await connection.run('INSERT INTO t VALUES ($1)', [text]);
});
afterAll(() => database.close());

async function keep(filter: Expr): Promise<readonly unknown[]> {
  const { sql, parameters } = translateFilter(filter, table) ?? expect.fail('the filter is not translated');
  expect(sql).toMatch(/^[\w\s"$.,()=<>'!#~|^@&]*$/);
  const rows = await connection.rows(
    `SELECT c FROM t WHERE ${sql}`,
    parameters.map(({ value }) => value as string),
  );
  return rows.map(([text]) => text).sort();
}

test.each(HOSTILE.map((text) => [JSON.stringify(text.slice(0, 20)), text]))(
  '%s is only ever a value',
  async (_, text) => {
    const having = (holds: (candidate: string) => boolean): readonly string[] => HOSTILE.filter(holds).toSorted();
    expect(await keep(call('eq', column, literal(text)))).toEqual([text]);
    expect(await keep(call('in', column, literal(text), literal('never there')))).toEqual([text]);
    expect(await keep(call('not', call('eq', column, literal(text))))).toEqual(having((other) => other !== text));
    expect(await keep(call('starts_with', column, literal(text)))).toEqual(having((other) => other.startsWith(text)));
    expect(await keep(call('ends_with', column, literal(text)))).toEqual(having((other) => other.endsWith(text)));
    expect(await keep(call('contains', column, literal(text)))).toEqual(having((other) => other.includes(text)));
    const escaped = text.replace(/[%_^]/g, '^$&');
    expect(await keep(call('like', column, literal(`${escaped}%`), literal('^')))).toEqual(
      having((other) => other.startsWith(text)),
    );
  },
);

test('hostile names are quoted, and one with a NUL is refused', () => {
  const sqlite = new Database(':memory:');
  const names = HOSTILE.filter((name) => name !== '' && name.length < 100);
  const quote = SQLITE_DIALECT.quoteIdentifier;
  // SQLite takes names that differ in the case of ASCII letters for one; these do not.
  sqlite.exec(`CREATE TABLE "t""'" (${names.map((name) => `${quote(name)} INTEGER`).join(', ')})`);
  sqlite.prepare(`INSERT INTO "t""'" VALUES (${names.map((_, index) => index).join(', ')})`).run();
  const columns = names.map((name) => ({
    name,
    field: { name, type: dataTypes.int32(), nullable: true },
    sourceType: 'INTEGER',
  }));
  const named: SqlTable = { ...table, dialect: SQLITE_DIALECT, from: quote('t"\''), columns };
  for (const [index, name] of names.entries()) {
    const path: Expr = { kind: 'column', path: [name], type: dataTypes.int32() };
    const { sql } = planSelect(named, { projection: [index], filters: [call('is_not_null', path)] }).statement();
    expect(sqlite.prepare(sql).pluck().all(), sql).toEqual([index]);
  }
  const odd = { ...named, columns: [{ ...columns[0]!, name: 'a\0b' }] };
  const plan = (): unknown => planSelect(odd, { projection: [0], filters: [] });
  expect(plan).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  expect(isMillraceError(expect.objectContaining({ code: 'x' }))).toBe(false);
});

test('half a surrogate pair and what the dialect cannot send is not pushed', () => {
  expect(translateFilter(call('eq', column, literal('\ud83d')), table)).toBeUndefined();
  expect(translateFilter(call('contains', column, literal('\ude00')), table)).toBeUndefined();
  const picky: SqlTable = {
    ...table,
    dialect: { ...table.dialect, canBind: ({ value }) => !String(value).includes('\0') },
  };
  expect(translateFilter(call('eq', column, literal('a\0b')), picky)).toBeUndefined();
  expect(translateFilter(call('in', column, literal('a\0b'), literal('c')), picky)).toBeUndefined();
  expect(translateFilter(call('eq', column, literal('ab')), picky)?.degree).toBe('exact');
});
