import { dataTypes, type Expr, field } from '@millrace/core';
import { expect, test } from 'vitest';
import { ansiFunctions, planSelect, type SqlTable, translateFilter } from '../src/index.ts';

const table: SqlTable = {
  dialect: {
    name: 'toy',
    quoteIdentifier: (name) => `"${name.replaceAll('"', '""')}"`,
    placeholder: (ordinal) => `$${ordinal}`,
    maxParameters: 100,
    maxStatementBytes: 100_000,
    limitClause: ({ limit, offset }) =>
      `${limit === undefined ? '' : ` LIMIT ${limit}`}${offset === undefined ? '' : ` OFFSET ${offset}`}`,
    sortKey: ({ sql, descending, nullsFirst }) =>
      `${sql} ${descending ? 'DESC' : 'ASC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`,
    functions: ansiFunctions,
  },
  profile: {
    column: (column) =>
      column.collation === 'wide'
        ? { equality: 'wider', order: 'unknown', pattern: 'wider' }
        : { equality: 'same', order: 'same', pattern: 'same' },
    isEqualFunction: () => false,
  },
  from: '"t"',
  columns: [
    { name: 'a', field: field('a', dataTypes.int32()), sourceType: 'integer' },
    { name: 'w', field: field('w', dataTypes.utf8()), sourceType: 'text', collation: 'wide' },
  ],
  component: 'dataset t',
};

const a: Expr = { kind: 'column', path: ['a'], type: dataTypes.int32() };
const w: Expr = { kind: 'column', path: ['w'], type: dataTypes.utf8() };
const call = (name: Extract<Expr, { kind: 'call' }>['function'], ...args: readonly Expr[]): Expr => ({
  kind: 'call',
  function: name,
  args,
  type: dataTypes.bool(),
});
const int = (value: number | null): Expr => ({ kind: 'literal', value, type: dataTypes.int32() });
const text = (value: string): Expr => ({ kind: 'literal', value, type: dataTypes.utf8() });

test('a statement binds its values in the order of the text, behind those of a partition', () => {
  const planned = planSelect(table, {
    projection: [1, 0],
    filters: [call('gt', a, int(5)), call('in', a, int(1), int(2), int(null))],
    order: [{ expr: a, descending: true, nullsFirst: false }],
    limit: 10n,
    offset: 2n,
  });
  expect(planned.applied).toEqual({ filters: ['exact', 'exact'], order: 'exact', offset: true, limit: 'exact' });
  const one = { value: 7, type: dataTypes.int32() };
  const { sql, parameters } = planned.statement({ sql: '"id" >= $1', parameters: [one] });
  expect(sql).toBe(
    'SELECT "w", "a" FROM "t" WHERE ("id" >= $1) AND "a" > $2 AND "a" IN ($3, $4) ORDER BY "a" DESC NULLS LAST LIMIT 10 OFFSET 2',
  );
  expect(parameters.map(({ value }) => value)).toEqual([7, 5, 1, 2]);
});

test('a wider equality is inexact, and its negation is not pushed', () => {
  const equal = call('eq', w, text('x'));
  expect(translateFilter(equal, table)?.degree).toBe('inexact');
  expect(translateFilter(call('not', equal), table)).toBeUndefined();
  expect(translateFilter(call('not', call('or', equal, call('eq', a, int(1)))), table)).toMatchObject({
    sql: '"a" <> $1',
    degree: 'inexact',
  });
});

test('a column whose plain value is not the engine’s is compared in both forms, and only as its value where rows could be lost', () => {
  const dated: SqlTable = {
    ...table,
    columns: [
      {
        name: 'a',
        field: field('a', dataTypes.int32()),
        sourceType: 'date',
        valueAs: (quoted) => `nullif(${quoted}, 0)`,
      },
    ],
  };
  const planned = planSelect(dated, {
    projection: [0],
    filters: [call('le', a, int(5)), call('in', a, int(1), int(2)), call('is_null', a), call('ne', a, int(3))],
    order: [{ expr: a, descending: false, nullsFirst: true }],
  });
  const { sql, parameters } = planned.statement();
  expect(sql).toBe(
    'SELECT "a" FROM "t" WHERE ("a" <= $1 AND nullif("a", 0) <= $2) AND ("a" IN ($3, $4) AND nullif("a", 0) IN ($5, $6))' +
      ' AND nullif("a", 0) IS NULL AND ("a" <> $7 AND nullif("a", 0) <> $8) ORDER BY nullif("a", 0) ASC NULLS FIRST',
  );
  expect(parameters.map(({ value }) => value)).toEqual([5, 5, 1, 2, 1, 2, 3, 3]);
  expect(planned.applied.filters).toEqual(['exact', 'exact', 'exact', 'exact']);
});
