import fc from 'fast-check';

/** Constants that suit a column, as SQL. */
const CONSTANTS: Readonly<Record<string, readonly string[]>> = {
  id: ['3', '17', '80', '200'],
  a: ['0', '3', '7', '11', '2.5', '4000000000', "'5'", '6::BIGINT'],
  b: ["'abc'", "'ab'", "'x'", "''", "'é'", "'y'"],
  c: ['2', '7', '9007199254740993', '4.5', '8::DOUBLE'],
  f: ["DATE '1994-06-01'", "DATE '1995-01-01'", "TIMESTAMP '1995-03-01 06:00:00'", "'1994-12-31'"],
  g: ["TIMESTAMP '1995-01-01'", "TIMESTAMP '1994-07-01 12:00:00'", "DATE '1995-06-01'"],
};

/** Columns that `items` and `others` share. */
const COLUMNS = Object.keys(CONSTANTS);

const constantOf = (column: string): fc.Arbitrary<string> => fc.constantFrom(...(CONSTANTS[column] ?? ['1']));
const comparison: fc.Arbitrary<string> = fc.constantFrom('=', '<>', '<', '<=', '>', '>=');

/** A condition over the shared columns of one alias. */
function condition(alias: string, depth: number): fc.Arbitrary<string> {
  const column = fc.constantFrom(...COLUMNS);
  const simple = column.chain((name) =>
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.tuple(comparison, constantOf(name)).map(([op, value]) => `${alias}.${name} ${op} ${value}`),
      },
      { weight: 1, arbitrary: fc.constantFrom(`${alias}.${name} IS NULL`, `${alias}.${name} IS NOT NULL`) },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom('IN', 'NOT IN'), fc.array(constantOf(name), { minLength: 1, maxLength: 4 }))
          .map(([op, values]) => `${alias}.${name} ${op} (${values.join(', ')})`),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(constantOf(name), constantOf(name))
          .map(([low, high]) => `${alias}.${name} BETWEEN ${low} AND ${high}`),
      },
      {
        weight: 1,
        arbitrary: constantOf(name).map((value) => `${alias}.${name} IS NOT DISTINCT FROM ${value}`),
      },
    ),
  );
  const special = fc.constantFrom(
    `${alias}.b LIKE 'ab%'`,
    `${alias}.b LIKE '%b%'`,
    `${alias}.b NOT LIKE 'a%'`,
    `${alias}.b LIKE '_b_'`,
    `${alias}.b ILIKE 'Z%'`,
    `length(${alias}.b) > 1`,
    `upper(${alias}.b) = 'X'`,
    `${alias}.a = ${alias}.c`,
    `${alias}.a < ${alias}.id % 12`,
    `${alias}.a % 4 = 1`,
    `${alias}.a + 2 > 6`,
    `${alias}.g::DATE >= DATE '1995-01-01'`,
    `year(${alias}.f) = 1994`,
    `coalesce(${alias}.a, 3) = 3`,
  );
  if (depth === 0) return fc.oneof({ weight: 3, arbitrary: simple }, { weight: 1, arbitrary: special });
  const inner = condition(alias, depth - 1);
  return fc.oneof(
    { weight: 4, arbitrary: condition(alias, 0) },
    { weight: 2, arbitrary: fc.tuple(inner, inner).map(([left, right]) => `(${left} AND ${right})`) },
    { weight: 2, arbitrary: fc.tuple(inner, inner).map(([left, right]) => `(${left} OR ${right})`) },
    { weight: 1, arbitrary: inner.map((part) => `NOT (${part})`) },
  );
}

const base: fc.Arbitrary<string> = fc.constantFrom('items', 'others');

/** A relation with the shared columns: a table, or a subquery over one. */
const relation: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: base },
  {
    weight: 1,
    arbitrary: fc.tuple(base, condition('s', 1)).map(([name, where]) => `(SELECT s.* FROM ${name} s WHERE ${where})`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(condition('s', 1), condition('t', 1))
      .map(
        ([left, right]) =>
          `(SELECT ${COLUMNS.join()} FROM items s WHERE ${left} UNION ALL SELECT ${COLUMNS.join()} FROM others t WHERE ${right})`,
      ),
  },
);

const joinKind: fc.Arbitrary<string> = fc.constantFrom('JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN');
const joinOn: fc.Arbitrary<string> = fc.constantFrom(
  'x.a = y.a',
  'x.id = y.id',
  'x.a = y.c',
  'x.b = y.b',
  'x.a = y.a AND x.c = y.c',
);

/** Random queries with a result that does not depend on the order in which rows are read. */
export const randomQuery: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(relation, condition('x', 2)).map(([from, where]) => `SELECT x.id, x.b FROM ${from} x WHERE ${where}`),
  fc
    .record({
      left: relation,
      right: relation,
      kind: joinKind,
      on: joinOn,
      extra: condition('y', 0),
      more: condition('x', 0),
      where: condition('x', 1),
      last: condition('y', 1),
    })
    .map(
      ({ left, right, kind, on, extra, more, where, last }) =>
        `SELECT x.id, x.b, y.id, y.c FROM ${left} x ${kind} ${right} y ON ${on} AND ${extra} AND ${more} WHERE ${where} AND (${last})`,
    ),
  fc
    .record({ left: relation, right: relation, kind: joinKind, on: joinOn, where: condition('x', 1) })
    .map(
      ({ left, right, kind, on, where }) =>
        `SELECT x.id, y.id FROM ${left} x ${kind} ${right} y ON ${on} WHERE ${where}`,
    ),
  fc
    .record({
      from: relation,
      kind: fc.constantFrom('SEMI', 'ANTI'),
      on: joinOn,
      extra: condition('y', 1),
      where: condition('x', 1),
    })
    .map(
      ({ from, kind, on, extra, where }) =>
        `SELECT x.id FROM ${from} x ${kind} JOIN items y ON ${on} AND ${extra} WHERE ${where}`,
    ),
  fc
    .record({
      from: relation,
      not: fc.constantFrom('', 'NOT '),
      inner: condition('y', 1),
      where: condition('x', 1),
      other: base,
    })
    .map(
      ({ from, not, inner, where, other }) =>
        `SELECT x.id FROM ${from} x WHERE ${not}EXISTS (SELECT 1 FROM ${other} y WHERE y.a = x.a AND ${inner}) AND ${where}`,
    ),
  fc
    .record({
      from: relation,
      not: fc.constantFrom('', 'NOT '),
      inner: condition('y', 1),
      where: condition('x', 0),
      other: base,
    })
    .map(
      ({ from, not, inner, where, other }) =>
        `SELECT x.id FROM ${from} x WHERE x.a ${not}IN (SELECT y.c FROM ${other} y WHERE ${inner}) OR ${where}`,
    ),
  fc
    .tuple(relation, condition('x', 1), condition('y', 1))
    .map(
      ([from, where, inner]) =>
        `SELECT x.id, (SELECT max(y.c) FROM items y WHERE y.a = x.a AND ${inner}) FROM ${from} x WHERE ${where}`,
    ),
  fc
    .record({
      op: fc.constantFrom('UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT'),
      left: base,
      right: base,
      first: condition('x', 1),
      second: condition('y', 1),
    })
    .map(
      ({ op, left, right, first, second }) =>
        `SELECT x.a, x.c FROM ${left} x WHERE ${first} ${op} SELECT y.a, y.c FROM ${right} y WHERE ${second}`,
    ),
  fc
    .record({
      kept: fc.constantFrom('', 'MATERIALIZED ', 'NOT MATERIALIZED '),
      from: relation,
      inner: condition('s', 1),
      x: condition('x', 1),
      y: condition('y', 1),
      on: joinOn,
    })
    .map(
      ({ kept, from, inner, x, y, on }) =>
        `WITH w AS ${kept}(SELECT s.* FROM ${from} s WHERE ${inner}) SELECT x.id, y.id FROM w x JOIN w y ON ${on} WHERE ${x} AND ${y}`,
    ),
  fc
    .tuple(relation, condition('x', 1), condition('x', 0))
    .map(
      ([from, where, having]) =>
        `SELECT x.a, x.b, x.c, x.f, x.g, x.id, count(*) FROM ${from} x WHERE ${where} GROUP BY ALL HAVING ${having}`,
    ),
  fc
    .tuple(base, condition('x', 1), condition('w', 1))
    .map(
      ([from, inner, where]) =>
        `SELECT w.id, w.n FROM (SELECT x.*, count(*) OVER (PARTITION BY x.a) AS n FROM ${from} x WHERE ${inner}) w WHERE ${where}`,
    ),
  fc
    .record({
      from: base,
      where: condition('x', 1),
      direction: fc.constantFrom('ASC', 'DESC'),
      first: fc.constantFrom('', 'x.a NULLS FIRST, ', 'x.b DESC, '),
      limit: fc.integer({ min: 0, max: 20 }),
      offset: fc.integer({ min: 0, max: 9 }),
    })
    .map(
      ({ from, where, direction, first, limit, offset }) =>
        `SELECT x.id, x.b FROM ${from} x WHERE ${where} ORDER BY ${first}x.id ${direction} LIMIT ${limit} OFFSET ${offset}`,
    ),
);
