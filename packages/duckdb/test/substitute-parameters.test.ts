import { dataTypes, isMillraceError, TimeUnit } from '@millrace/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BoundValue, DuckDbConnection, DuckDbDatabase, QueryParameters } from '../src/database/duckdb-database.ts';
import { openDatabase } from '../src/database/open-database.ts';
import { quoteIdentifier, quoteTableName } from '../src/statement/quote-identifier.ts';
import { toSqlLiteral } from '../src/statement/sql-literal.ts';
import { substituteParameters } from '../src/statement/substitute-parameters.ts';
import { plainValues, typedValues } from './bound-values.ts';

const RUNS = process.env.MILLRACE_TEST_FULL === undefined ? 300 : 5_000;
const TIMEOUT_MS = 600_000;

let database: DuckDbDatabase;
let connection: DuckDbConnection;
beforeAll(async () => {
  database = await openDatabase({ path: ':memory:', threads: 1 });
  connection = await database.connect();
  await connection.run(
    'CREATE TABLE t (i INTEGER, b BIGINT, d DECIMAL(10,2), f DOUBLE, s VARCHAR, day DATE, ts TIMESTAMP)',
  );
  await connection.run(
    "INSERT INTO t SELECT n, n * 1000, n / 3, n / 7, 'v' || n, DATE '2020-01-01' + n::INTEGER, TIMESTAMP '2020-01-01' + to_hours(n) FROM range(-20, 20) r(n)",
  );
});
afterAll(async () => {
  await connection.close();
  await database.close();
});

/** Types and rows of a result, or the code of its failure. */
async function outcome(sql: string, parameters?: QueryParameters): Promise<unknown> {
  try {
    const { fields } = await describeResult(sql, parameters);
    return { fields, rows: await connection.rows(sql, parameters) };
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    return { code: error.code };
  }
}

async function describeResult(sql: string, parameters?: QueryParameters): Promise<{ readonly fields: unknown }> {
  const stream = await connection.stream({ sql, ...(parameters === undefined ? {} : { parameters }) });
  const fields = stream.schema.fields.map(({ type, metadata }) => [
    JSON.stringify(type, (key, member: unknown) => (key === 'id' ? undefined : member)),
    [...(metadata ?? [])],
  ]);
  await stream.close();
  return { fields };
}

/** Compares where the bound statement answers, and tells whether it did; a statement that fails may fail in another way. */
async function expectEqual(sql: string, values: QueryParameters): Promise<boolean> {
  const bound = await outcome(sql, values);
  if (typeof bound !== 'object' || bound === null || !('rows' in bound)) return false;
  const substituted = await outcome(substituteParameters(sql, values));
  expect(substituted, substituteParameters(sql, values)).toEqual(bound);
  return true;
}

describe('a substituted statement gives what the bound one gives', () => {
  test(
    'each value with its type',
    async () => {
      let answered = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.oneof({ weight: 3, arbitrary: typedValues }, { weight: 1, arbitrary: plainValues }),
          async (value) => {
            if (await expectEqual('SELECT ? AS v, typeof(?) AS t', [value, value])) answered++;
          },
        ),
        { numRuns: RUNS },
      );
      expect(answered / RUNS).toBeGreaterThan(0.9);
    },
    TIMEOUT_MS,
  );

  const TEMPLATES: readonly string[] = [
    'SELECT i FROM t WHERE i < ? ORDER BY i',
    'SELECT i FROM t WHERE b >= ? AND d <> ? ORDER BY i',
    'SELECT i FROM t WHERE day = ? OR ts > ? ORDER BY i',
    'SELECT i FROM t WHERE s IN (?, ?) ORDER BY i',
    'SELECT i FROM t WHERE s = ? ORDER BY i LIMIT 3 -- ?',
    'SELECT i, f BETWEEN ? AND ? FROM t ORDER BY i',
    'SELECT i + ?, b - ?, d * 2 FROM t ORDER BY i',
    'SELECT -?, + ?',
    "SELECT '?' || ?, $$?$$, E'\\'?', ?, /* ? */ 1",
    'SELECT coalesce(?, ?), greatest(i, ?) FROM t ORDER BY ALL',
    'SELECT CASE WHEN i = ? THEN ? ELSE 0 END FROM t ORDER BY i',
    "SELECT [?, ?], {'a': ?}, row(?)",
    'SELECT ?::VARCHAR, CAST(? AS VARCHAR), TRY_CAST(? AS INTEGER)',
    'SELECT count(*), sum(i) FILTER (WHERE i < ?) FROM t GROUP BY i > 0 HAVING count(*) > ? ORDER BY ALL',
    'SELECT i FROM t ORDER BY i LIMIT ? OFFSET ?',
    'SELECT * FROM (VALUES (?, 1), (?, 2)) v(a, b) ORDER BY b',
    'SELECT a FROM (SELECT ? AS a) x WHERE a = ?',
    'WITH c AS (SELECT ? AS a) SELECT a, ? FROM c',
    'SELECT i FROM t UNION ALL SELECT ? ORDER BY 1',
    'SELECT lag(i, 1, ?) OVER (ORDER BY i) FROM t ORDER BY i',
    'SELECT i IN ? FROM t ORDER BY i',
    "SELECT s LIKE ?, s ILIKE ? ESCAPE '!' FROM t ORDER BY i",
    "SELECT date_trunc('month', ?), ? + INTERVAL 1 DAY",
    'SELECT ?[1], len(?)',
    'SELECT(?)+(?)',
    'SELECT i FROM t WHERE i=?AND b=?ORDER BY i',
  ];

  test(
    'in every place of a statement, in each of the three forms',
    async () => {
      const tally = { answered: 0, all: 0 };
      const values = fc.oneof(
        { weight: 4, arbitrary: plainValues },
        { weight: 3, arbitrary: fc.integer({ min: -20, max: 20 }) },
        { weight: 2, arbitrary: typedValues },
      );
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...TEMPLATES),
          fc.array(values, { minLength: 4, maxLength: 4 }),
          fc.constantFrom('?' as const, '$1' as const, '$name' as const),
          async (template, candidates, style) => {
            const { sql, parameters } = inStyle(template, candidates, style);
            tally.all++;
            if (await expectEqual(sql, parameters)) tally.answered++;
          },
        ),
        { numRuns: RUNS },
      );
      expect(tally.answered / tally.all).toBeGreaterThan(0.4);
    },
    TIMEOUT_MS,
  );
});

/** Numbers the parameters of a template, from the last to the first for `$1`, and gives as many values as it has. */
function inStyle(
  template: string,
  candidates: readonly BoundValue[],
  style: '?' | '$1' | '$name',
): { readonly sql: string; readonly parameters: QueryParameters } {
  const isPlaced = (before: string): boolean => !/('|\$\$|\\'|\/\* |-- )$/.test(before);
  const pieces = template.split('?');
  let sql = pieces[0] ?? '';
  let count = 0;
  for (const piece of pieces.slice(1)) {
    const real = isPlaced(sql);
    sql += (real ? `\u0000${count++}\u0000` : '?') + piece;
  }
  const name = (ordinal: number): string => {
    switch (style) {
      case '?':
        return '?';
      case '$1':
        return `$${count - ordinal} `;
      case '$name':
        return `$P${ordinal} `;
    }
  };
  const values = Array.from({ length: count }, (_, index) => candidates[index % candidates.length] ?? null);
  return {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the mark cannot be part of a template
    sql: sql.replace(/\u0000(\d+)\u0000/g, (_, ordinal: string) => name(Number(ordinal))),
    parameters: style === '$name' ? Object.fromEntries(values.map((value, index) => [`P${index}`, value])) : values,
  };
}

describe('parameters and values', () => {
  test.each<[string, QueryParameters, string]>([
    ['SELECT $1, $2', [1], 'no value is given for parameter 2'],
    ['SELECT ?', [1, 2], 'the statement has no parameter 2'],
    ['SELECT $a', { b: 1 }, 'no value is given for parameter a'],
    ['SELECT 1', [1], 'the statement has no parameter 1'],
  ])('%s with %j', (sql, values, message) => {
    expect(() => substituteParameters(sql, values)).toThrow(message);
  });

  test('a name is one parameter however it is written, called as at its first use', async () => {
    expect(await expectEqual('SELECT $Name, $name, $NAME', { Name: 5 })).toBe(true);
  });

  test('a null can be indexed, as a parameter can', async () => {
    expect(await expectEqual('SELECT ?[1], len(?)', [null, null])).toBe(true);
  });

  test('mixed forms are refused', () => {
    expect(() => substituteParameters('SELECT ?, $1', [1])).toThrow(/mixes parameters/);
  });

  test('a value never shows in an error', () => {
    expect(() => toSqlLiteral('secret', dataTypes.int32())).toThrow(/must be an integer/);
    try {
      toSqlLiteral('secret', dataTypes.int64());
    } catch (error) {
      expect(String(error)).not.toContain('secret');
    }
  });

  test('an instant that SQL cannot spell is an error', () => {
    const beyond = 2n ** 62n;
    expect(() => toSqlLiteral(beyond, dataTypes.timestamp(TimeUnit.Second))).toThrow(/cannot spell/);
    expect(() => toSqlLiteral(-(2n ** 63n), dataTypes.timestamp(TimeUnit.Nanosecond))).toThrow(/cannot spell/);
  });
});

describe('identifiers', () => {
  test('any name round-trips', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), async (name) => {
        fc.pre(!name.includes('\0'));
        const schema = await connection.describe(`SELECT 1 AS ${quoteIdentifier(name)}`);
        expect(schema.fields[0]?.name).toBe(name);
      }),
      { numRuns: 200 },
    );
  });

  test('table names carry schema and catalog', () => {
    expect(quoteTableName({ table: 'a"b' })).toBe('"main"."a""b"');
    expect(quoteTableName({ schemaName: 's', table: 't' }, 'c')).toBe('"c"."s"."t"');
    expect(() => quoteIdentifier('')).toThrow(/empty/);
    expect(() => quoteIdentifier('a\0')).toThrow(/NUL/);
  });
});
