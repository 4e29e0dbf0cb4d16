import {
  type Expr,
  type LiteralValue,
  type Rel,
  type Schema,
  type SortKey,
  type TableReference,
  TypeId,
} from '@millrace/core';
import { type DuckDbConnection, type DuckDbDatabase, openDatabase, toDuckDbType } from '@millrace/duckdb';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Dialect,
  type PrintedRel,
  printRel,
  type RelSource,
  type SemanticsProfile,
  type SqlTable,
} from '../src/index.ts';
import { REL_TABLES, randomRel } from './random-rel.ts';
import { compareRows, evaluateRel, type ModelRelation } from './rel-model.ts';
import { bindSqlite, SQLITE_DIALECT, SQLITE_PROFILE } from './sample-targets.ts';

const IS_FULL = process.env.MILLRACE_TEST_FULL !== undefined;
const RUN_COUNT = IS_FULL ? 20_000 : 1_500;
const TIMEOUT_MS = 900_000;

const MODEL: Readonly<Record<string, ModelRelation>> = Object.fromEntries(
  Object.entries(REL_TABLES).map(([name, { fields, rows }]) => [
    name,
    { names: fields.map((field) => ({ name: field.name })), rows },
  ]),
);

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function createSource(dialect: Dialect, profile: SemanticsProfile): RelSource {
  return {
    dialect,
    profile,
    table: ({ name }: TableReference, schema: Schema): Pick<SqlTable, 'from' | 'columns'> => ({
      from: quote(name),
      columns: schema.fields.map((field) => ({
        name: field.name,
        field,
        sourceType: 'any',
        ...(REL_TABLES[name]!.wide.includes(field.name) && { collation: 'NOCASE' }),
      })),
    }),
  };
}

const PROFILE: SemanticsProfile = {
  ...SQLITE_PROFILE,
  isEqualFunction: (name) => name === 'add',
  isEqualAggregate: ({ function: name }) => name === 'sum',
};

const DUCKDB_DIALECT: Dialect = {
  ...SQLITE_DIALECT,
  name: 'duckdb',
  placeholder: (ordinal) => `$${ordinal}`,
  listTest: () => undefined,
  limitClause: ({ limit, offset }) =>
    `${limit === undefined ? '' : ` LIMIT ${limit}`}${offset === undefined ? '' : ` OFFSET ${offset}`}`,
};
const DUCKDB_PROFILE: SemanticsProfile = {
  ...PROFILE,
  column: ({ collation }) =>
    collation === 'NOCASE'
      ? { equality: 'wider', order: 'unknown', pattern: 'wider', asBytes: (sql) => `${sql} COLLATE "binary"` }
      : { equality: 'same', order: 'same', pattern: 'same' },
};

type RunRel = (printed: PrintedRel) => Promise<readonly (readonly unknown[])[]>;

let database: DuckDbDatabase;
let connection: DuckDbConnection;
const sqlite = new Database(':memory:');
beforeAll(async () => {
  database = await openDatabase({ path: ':memory:', threads: 1 });
  connection = await database.connect();
  for (const [name, { fields, wide, rows }] of Object.entries(REL_TABLES)) {
    const collation = (column: string): string => (wide.includes(column) ? ' COLLATE NOCASE' : '');
    const declare = (type: (index: number) => string): string =>
      fields.map((column, index) => `${quote(column.name)} ${type(index)}${collation(column.name)}`).join(', ');
    sqlite.exec(
      `CREATE TABLE ${quote(name)} (${declare((index) => (fields[index]!.type.typeId === TypeId.Utf8 ? 'TEXT' : 'INTEGER'))})`,
    );
    await connection.run(`CREATE TABLE ${quote(name)} (${declare((index) => toDuckDbType(fields[index]!))})`);
    for (const row of rows) {
      sqlite.prepare(`INSERT INTO ${quote(name)} VALUES (${row.map(() => '?').join(', ')})`).run(...row);
      await connection.run(
        `INSERT INTO ${quote(name)} VALUES (${row.map((_, index) => `$${index + 1}`).join(', ')})`,
        row.map((value, index) => ({ value, type: fields[index]!.type })),
      );
    }
  }
});
afterAll(async () => {
  sqlite.close();
  await database.close();
});

const SOURCES: Readonly<Record<string, { readonly source: RelSource; readonly run: RunRel }>> = {
  SQLite: {
    // SQLite 3.53.2 keeps rows that a NOT EXISTS drops where a full join of a UNION ALL stands below another UNION ALL.
    source: createSource({ ...SQLITE_DIALECT, missingJoins: ['full', 'right'] }, PROFILE),
    run: async ({ sql, parameters }) =>
      sqlite
        .prepare(sql)
        .raw()
        .all(...parameters.map(({ value, type }) => bindSqlite(value, type.typeId))) as unknown[][],
  },
  DuckDB: {
    source: createSource(DUCKDB_DIALECT, DUCKDB_PROFILE),
    run: ({ sql, parameters }) =>
      connection.rows(
        sql,
        parameters.map(({ value, type }) => ({ value: value as LiteralValue, type })),
      ),
  },
};

/** Values in one form: SQLite has no booleans, and the width of a sum is the source's own. */
function normalize(rows: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] {
  return rows.map((row) =>
    row.map((value) =>
      typeof value === 'bigint' || typeof value === 'boolean'
        ? Number(value)
        : /^-?\d+$/.test(String(value))
          ? Number(value)
          : value,
    ),
  );
}

const multiset = (rows: readonly (readonly unknown[])[]): readonly string[] =>
  rows.map((row) => JSON.stringify(row)).sort();

test.each(Object.entries(SOURCES))(
  'a printed tree gives the rows of its definition in %s',
  async (name, { source, run }) => {
    const counts: Record<string, number> = { printed: 0, declined: 0, withRows: 0 };
    const seed = Number(process.env.MILLRACE_TEST_SEED ?? (IS_FULL ? Date.now() % 2 ** 31 : 31));
    console.info(`${name}: seed ${seed}`);
    await fc.assert(
      fc.asyncProperty(randomRel, async (rel) => {
        const printed = printRel(rel, source);
        counts[printed === undefined ? 'declined' : 'printed']! += 1;
        if (printed === undefined) return;
        const expected = evaluateRel(rel, MODEL);
        if (expected.rows.length > 0) counts.withRows! += 1;
        expect(await complain(rel, printed, expected, run)).toBeUndefined();
        countKinds(rel, counts);
      }),
      { numRuns: RUN_COUNT, seed },
    );
    console.info(`${name}: ${JSON.stringify(counts)}`);
    expect(counts.printed! / RUN_COUNT).toBeGreaterThan(0.4);
    const joins = name === 'SQLite' ? [] : ['full', 'right'];
    for (const kind of [
      ...joins,
      'filter',
      'project',
      'aggregate',
      'sort',
      'limit',
      'union',
      'values',
      'semi',
      'anti',
      'left',
    ]) {
      expect(counts[kind], kind).toBeGreaterThan(RUN_COUNT / 200);
    }
  },
  TIMEOUT_MS,
);

/** What is wrong with the rows of a printed tree; undefined where nothing is. */
async function complain(
  rel: Rel,
  printed: PrintedRel,
  expected: ModelRelation,
  run: RunRel,
): Promise<string | undefined> {
  let rows: readonly (readonly unknown[])[];
  try {
    rows = normalize(await run(printed));
  } catch (error) {
    return `${String(error)} from ${printed.sql}`;
  }
  if (printed.schema.fields.length !== expected.names.length) return `other columns in ${printed.sql}`;
  if (multiset(rows).join('\n') !== multiset(normalize(expected.rows)).join('\n'))
    return `other rows from ${printed.sql}`;
  return rel.kind === 'sort' && !isSorted(rel.keys, expected, rows) ? `another order from ${printed.sql}` : undefined;
}

/** Mistakes that printers are known for. */
const MISTAKES: Readonly<Record<string, (sql: string) => string>> = {
  'UNION printed as UNION ALL': (sql) => sql.replaceAll(' UNION SELECT', ' UNION ALL SELECT'),
  'UNION ALL printed as UNION': (sql) => sql.replaceAll(' UNION ALL SELECT', ' UNION SELECT'),
  'an anti join printed as a semi join': (sql) => sql.replaceAll('NOT EXISTS', 'EXISTS'),
  'a left join printed as an inner join': (sql) => sql.replaceAll('LEFT JOIN', 'INNER JOIN'),
  'a full join printed as a left join': (sql) => sql.replaceAll('FULL JOIN', 'LEFT JOIN'),
  'nulls on the other side': (sql) => sql.replaceAll('NULLS FIRST', 'NULLS LAST'),
  'an offset that is lost': (sql) => sql.replaceAll(/ OFFSET \d+/g, ''),
  'a DISTINCT that is lost': (sql) => sql.replaceAll('(DISTINCT ', '('),
};

test.each(Object.entries(MISTAKES))(
  'the comparison notices %s',
  async (_, mistake) => {
    const { source, run } = SOURCES.DuckDB!;
    for (const rel of fc.sample(randomRel, { numRuns: 4_000, seed: 11 })) {
      const printed = printRel(rel, source);
      if (printed === undefined || mistake(printed.sql) === printed.sql) continue;
      const changed = { ...printed, sql: mistake(printed.sql) };
      if ((await complain(rel, changed, evaluateRel(rel, MODEL), run)) !== undefined) return;
    }
    expect.fail('nothing was noticed');
  },
  TIMEOUT_MS,
);

test('a column that ignores case is neither grouped nor made distinct nor sorted as it is', () => {
  const { source } = SOURCES.SQLite!;
  const city: Expr = { kind: 'column', path: ['city'], type: { typeId: TypeId.Utf8 } };
  const person: Rel = {
    kind: 'scan',
    table: { namespace: [], name: 'person' },
    schema: { fields: REL_TABLES.person!.fields },
  };
  const only: Rel = { kind: 'project', input: person, columns: [{ name: 'city', expr: city }] };
  expect(printRel({ kind: 'aggregate', input: person, groupBy: [city], calls: [] }, source)).toBeUndefined();
  expect(printRel({ kind: 'union', inputs: [only, only], distinct: true }, source)).toBeUndefined();
  expect(printRel({ kind: 'union', inputs: [only, only], distinct: false }, source)).toBeDefined();
  const min: Rel = {
    kind: 'aggregate',
    input: person,
    groupBy: [],
    calls: [{ function: 'min', args: [city], distinct: false, type: { typeId: TypeId.Utf8 } }],
  };
  expect(printRel(min, source)).toBeUndefined();
  const key = { expr: city, descending: false, nullsFirst: true };
  expect(printRel({ kind: 'sort', input: person, keys: [key] }, source)?.sql).toMatch(
    /ORDER BY "t1"."city" COLLATE BINARY ASC/,
  );
});

function isSorted(keys: readonly SortKey[], { names }: ModelRelation, rows: readonly (readonly unknown[])[]): boolean {
  const typed = rows as readonly (readonly LiteralValue[])[];
  return typed.every((row, index) => index === 0 || compareRows(keys, { names }, typed[index - 1]!, row) <= 0);
}

function countKinds(rel: Rel, counts: Record<string, number>): void {
  const kind = rel.kind === 'join' ? rel.join : rel.kind;
  counts[kind] = (counts[kind] ?? 0) + 1;
  if (rel.kind === 'join') for (const side of [rel.left, rel.right]) countKinds(side.input, counts);
  else if (rel.kind === 'union') for (const input of rel.inputs) countKinds(input, counts);
  else if ('input' in rel) countKinds(rel.input, counts);
}
