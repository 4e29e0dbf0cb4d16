/** One statement whose answer must not depend on who answers it. */
export interface SqlQuestion {
  readonly sql: string;
  /** `ordered`: the order of the rows counts. Default: it does not. */
  readonly compare?: 'ordered';
  /** `fail`: the statement may fail, if it fails everywhere. */
  readonly may?: 'fail';
}

/** Statements about one matter. */
export interface SqlTopic {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly questions: readonly SqlQuestion[];
}

const plain = (...statements: readonly string[]): readonly SqlQuestion[] => statements.map((sql) => ({ sql }));
const ordered = (...statements: readonly string[]): readonly SqlQuestion[] =>
  statements.map((sql) => ({ sql, compare: 'ordered' }));
const failing = (...statements: readonly string[]): readonly SqlQuestion[] =>
  statements.map((sql) => ({ sql, may: 'fail' }));

/** For each kind of column a value that occurs. */
const TYPED_VALUES: readonly (readonly [column: string, value: string])[] = [
  ['id', '50'],
  ['nation_id', '7'],
  ['status', "'open'"],
  ['total', '1500.25'],
  ['ratio', '0.125'],
  ['placed', "DATE '2052-10-12'"],
  ['changed', "TIMESTAMP '2020-09-13 12:26:40'"],
  ['is_paid', 'true'],
  ['quantity', '25'],
];

const PATTERNS = [
  "'a%'",
  "'%a'",
  "'A%'",
  "'a_b'",
  "'%\\%%' ESCAPE '\\'",
  "'%''%'",
  "'%\n%'",
  "'ä%'",
  "'\\\\%' ESCAPE '\\'",
];

/** All topics, over the tables region, nation, orders, duplicates, empty_table, nulls, texts and guarded. */
export const SQL_TOPICS: readonly SqlTopic[] = [
  {
    id: 'comparisons',
    number: 47,
    title: 'comparisons of every type, also beside a condition that cannot be pushed',
    questions: TYPED_VALUES.flatMap(([column, value]) =>
      ['=', '<>', '<', '<=', '>', '>='].flatMap((operator) =>
        plain(
          `SELECT id, ${column} FROM orders WHERE ${column} ${operator} ${value}`,
          `SELECT id FROM orders WHERE ${column} ${operator} ${value} OR ${column} IS NULL`,
          `SELECT id FROM orders WHERE (${column} ${operator} ${value}) OR random() > 2`,
        ),
      ),
    ),
  },
  {
    id: 'nulls',
    number: 64,
    title: 'three-valued logic',
    questions: ['never', 'some', 'always'].flatMap((column) =>
      plain(
        `SELECT id FROM nulls WHERE NOT ("${column}" = 1)`,
        `SELECT id FROM nulls WHERE "${column}" NOT IN (1, 2)`,
        `SELECT id FROM nulls WHERE "${column}" NOT IN (1, NULL)`,
        `SELECT id FROM nulls WHERE "${column}" IN (1, NULL)`,
        `SELECT id FROM nulls WHERE NULL = NULL OR "${column}" = 2`,
        `SELECT id FROM nulls WHERE "${column}" <> ALL (SELECT nulls."some" FROM nulls)`,
        `SELECT id FROM nulls WHERE "${column}" IS NOT DISTINCT FROM NULL`,
        `SELECT id FROM nulls WHERE "${column}" IS DISTINCT FROM 1`,
        `SELECT id FROM nulls WHERE ("${column}" = 1) IS NOT TRUE`,
        `SELECT id FROM nulls WHERE coalesce("${column}", 2) = 2`,
        `SELECT id FROM nulls WHERE CASE WHEN "${column}" = 1 THEN true ELSE "${column}" IS NULL END`,
      ),
    ),
  },
  {
    id: 'text',
    number: 68,
    title: 'text by bytes, in filters, lists, patterns and parts',
    questions: [
      ...["'a'", "'A'", "'a '", "' a'", "'ä'", "'ß'", "'ss'", "''", "'\\'", "'%'", "''''", "'--'", "'b'"].flatMap(
        (text) =>
          plain(
            `SELECT id, t FROM texts WHERE t = ${text}`,
            `SELECT id FROM texts WHERE t <> ${text}`,
            `SELECT id FROM texts WHERE t > ${text}`,
            `SELECT id FROM texts WHERE t <= ${text}`,
            `SELECT id FROM texts WHERE t IN (${text}, 'B', '0')`,
            `SELECT id FROM texts WHERE starts_with(t, ${text})`,
            `SELECT id FROM texts WHERE contains(t, ${text})`,
          ),
      ),
      ...PATTERNS.flatMap((pattern) =>
        plain(`SELECT id FROM texts WHERE t LIKE ${pattern}`, `SELECT id FROM texts WHERE t NOT LIKE ${pattern}`),
      ),
      ...plain(
        "SELECT id FROM texts WHERE t BETWEEN 'A' AND 'a'",
        "SELECT id FROM texts WHERE lower(t) = 'ä'",
        'SELECT id FROM texts WHERE length(t) = 2',
        "SELECT id FROM texts WHERE t ILIKE 'a%'",
        'SELECT DISTINCT lower(t) FROM texts',
      ),
    ],
  },
  {
    id: 'arithmetic',
    number: 77,
    title: 'arithmetic, with remainders, zeros and overflows',
    questions: [
      ...plain(
        'SELECT id FROM nulls WHERE never / 2 = 1.5',
        'SELECT id FROM nulls WHERE never // 2 = 1',
        'SELECT id FROM nulls WHERE (never - 3) % 2 = -1',
        'SELECT id FROM nulls WHERE 7 % nulls."some" = 1',
        'SELECT id FROM nulls WHERE never / 0 IS NULL',
        'SELECT id FROM nulls WHERE never * 2 + 1 > 3',
        'SELECT id FROM orders WHERE total * 2 > 3000.5',
        'SELECT id FROM orders WHERE ratio + 0.125 = 0.25',
        'SELECT id FROM orders WHERE -ratio > 3',
        'SELECT id, total + 1, ratio / 2, quantity % 7 FROM orders WHERE id < 40',
      ),
      ...failing(
        'SELECT id FROM orders WHERE id + 9223372036854775807 > 0',
        'SELECT id FROM guarded WHERE CAST(value AS INTEGER) > 5',
        "SELECT id FROM guarded WHERE kind = 'n' AND CAST(value AS INTEGER) > 5",
        "SELECT id FROM guarded WHERE CASE WHEN kind = 'n' THEN CAST(value AS INTEGER) > 5 ELSE false END",
        'SELECT id FROM guarded WHERE TRY_CAST(value AS INTEGER) > 5',
      ),
    ],
  },
  {
    id: 'time',
    number: 75,
    title: 'dates and timestamps, compared and cast',
    questions: plain(
      "SELECT id FROM orders WHERE changed > TIMESTAMP '2021-01-01 00:00:00'",
      "SELECT id FROM orders WHERE CAST(changed AS DATE) = DATE '2020-10-05'",
      "SELECT id FROM orders WHERE placed < TIMESTAMP '2022-09-01 00:00:00'",
      "SELECT id FROM orders WHERE placed >= '2022-09-01'",
      "SELECT id FROM orders WHERE date_trunc('month', changed) = TIMESTAMP '2020-10-01 00:00:00'",
      'SELECT id FROM orders WHERE extract(year FROM placed) = 2022',
      'SELECT id, changed, placed FROM orders WHERE id % 10 = 3',
      'SELECT extract(dow FROM placed) AS d, count(*) FROM orders GROUP BY d',
    ),
  },
  {
    id: 'limits',
    number: 83,
    title: 'limits and offsets',
    questions: [
      ...[0, 1, 24, 25, 26, 3_000_000_000, 9_007_199_254_740_993n].flatMap((limit) =>
        plain(`SELECT count(*) FROM (SELECT id FROM nation LIMIT ${limit})`),
      ),
      ...[0, 1, 25, 26].flatMap((offset) =>
        plain(
          `SELECT count(*) FROM (SELECT id FROM nation OFFSET ${offset})`,
          `SELECT count(*) FROM (SELECT id FROM nation LIMIT 5 OFFSET ${offset})`,
          `SELECT count(*) FROM (SELECT id FROM nation WHERE region_id = 2 LIMIT 2 OFFSET ${offset})`,
        ),
      ),
      ...ordered('SELECT id FROM nation ORDER BY id DESC LIMIT 3 OFFSET 4'),
    ],
  },
  {
    id: 'nested-limits',
    number: 86,
    title: 'filters and limits over limits and first rows',
    questions: [
      ...plain(
        'SELECT count(*) FROM (SELECT id FROM (SELECT id FROM nation LIMIT 7) LIMIT 3)',
        'SELECT count(*) FROM (SELECT id FROM (SELECT id FROM nation LIMIT 3) LIMIT 7)',
        'SELECT count(*) <= 7 FROM (SELECT id FROM (SELECT id, region_id FROM nation LIMIT 7) WHERE region_id = 1)',
        'SELECT id FROM (SELECT id, region_id FROM nation ORDER BY id LIMIT 10) WHERE region_id = 1',
        'SELECT id FROM (SELECT id, name FROM nation ORDER BY name DESC LIMIT 10) WHERE id % 2 = 0',
        'SELECT count(*) FROM (SELECT id FROM (SELECT id FROM nation ORDER BY id LIMIT 9) LIMIT 4)',
        'SELECT count(*) FROM nation n JOIN (SELECT id FROM region LIMIT 2) r ON n.region_id = r.id OR true',
      ),
      ...ordered(
        'SELECT id FROM (SELECT id FROM nation ORDER BY id DESC LIMIT 10) ORDER BY id LIMIT 3',
        'SELECT id FROM (SELECT id FROM nation ORDER BY id LIMIT 10 OFFSET 5) ORDER BY id DESC LIMIT 3 OFFSET 1',
      ),
    ],
  },
  {
    id: 'top-rows',
    number: 87,
    title: 'first rows of an order, for every place of nulls and direction',
    questions: [
      'orders.nation_id',
      'orders.ratio',
      'orders.total',
      'orders.placed',
      'orders.status',
      'texts.t',
    ].flatMap((key) => {
      const [table, column] = key.split('.');
      return ['ASC NULLS FIRST', 'ASC NULLS LAST', 'DESC NULLS FIRST', 'DESC NULLS LAST'].flatMap((way) =>
        ordered(
          `SELECT ${column} FROM ${table} ORDER BY ${column} ${way} LIMIT 25`,
          `SELECT id, ${column} FROM ${table} ORDER BY ${column} ${way}, id LIMIT 25`,
        ),
      );
    }),
  },
  {
    id: 'aggregates',
    number: 91,
    title: 'aggregates over empty, null, single and repeated values, with and without groups',
    questions: [
      ...[
        'empty_table.id',
        'empty_table.value',
        'nulls.always',
        'nulls."some"',
        'duplicates.k',
        'orders.total',
        'orders.ratio',
        'orders.id',
      ].flatMap((key) => {
        const [table, column] = key.split('.');
        const all = `count(*), count(${table}.${column}), sum(${table}.${column}), min(${table}.${column}), max(${table}.${column}), avg(${table}.${column})`;
        return plain(
          `SELECT ${all} FROM ${table}`,
          `SELECT ${table}.${column}, ${all} FROM ${table} GROUP BY ${table}.${column}`,
          `SELECT count(DISTINCT ${table}.${column}), sum(DISTINCT ${table}.${column}) FROM ${table}`,
          `SELECT ${all} FROM ${table} WHERE ${table}.${column} IS NULL`,
        );
      }),
      ...plain(
        'SELECT count(*) FROM orders WHERE id < 0',
        'SELECT 1 FROM (SELECT count(*) FROM orders)',
        'SELECT status, count(*) FROM orders GROUP BY status HAVING count(*) > 40',
        'SELECT nation_id % 3 AS g, sum(total) FROM orders GROUP BY g',
        'SELECT count(*) FROM big WHERE k = 7',
        'SELECT sum(k), min(t), max(id), count(DISTINCT k) FROM big',
      ),
      ...failing('SELECT sum(id + 9223372036854775000) FROM orders'),
    ],
  },
  {
    id: 'text-aggregates',
    number: 94,
    title: 'minimum, groups and distinct values of text, by bytes',
    questions: plain(
      'SELECT min(t), max(t), count(DISTINCT t) FROM texts',
      'SELECT t, count(*) FROM texts GROUP BY t',
      'SELECT DISTINCT t FROM texts',
      'SELECT status, count(*) FROM orders GROUP BY status',
      'SELECT count(DISTINCT status), min(status), max(status) FROM orders',
    ),
  },
  {
    id: 'joins',
    number: 99,
    title: 'joins of every kind, with null keys, repeated names and self joins',
    questions: [
      ...['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN', 'SEMI JOIN', 'ANTI JOIN'].flatMap((join) =>
        [
          'n.region_id = r.id',
          'n.region_id < r.id',
          'n.region_id IS NOT DISTINCT FROM r.id',
          'n.region_id = r.id AND n.id > 10',
        ].map((on) => ({
          sql: `SELECT n.id FROM nation n ${join} region r ON ${on}`,
        })),
      ),
      ...plain(
        'SELECT a.id, b.id FROM nation a JOIN nation b ON a.region_id = b.region_id WHERE a.id < b.id AND b.id < 9',
        'SELECT n.name, n.name, r.name FROM nation n JOIN region r ON r.id = n.region_id',
        "SELECT o.id, n.name, r.name FROM orders o JOIN nation n ON o.nation_id = n.id JOIN region r ON n.region_id = r.id WHERE r.name = 'asia'",
        'SELECT count(*) FROM duplicates a JOIN duplicates b ON a.k = b.k',
        'SELECT r.name, sum(o.total) FROM orders o JOIN nation n ON o.nation_id = n.id JOIN region r ON n.region_id = r.id GROUP BY r.name',
        'SELECT count(*) FROM nation CROSS JOIN region',
      ),
    ],
  },
  {
    id: 'subqueries',
    number: 101,
    title: 'unions, subqueries, windows and common tables',
    questions: [
      ...plain(
        'SELECT k FROM duplicates UNION SELECT id FROM region',
        'SELECT k FROM duplicates UNION ALL SELECT id FROM region',
        'SELECT k FROM duplicates EXCEPT SELECT id FROM region',
        'SELECT k FROM duplicates INTERSECT SELECT id FROM region',
        "SELECT id FROM nation WHERE region_id IN (SELECT id FROM region WHERE name < 'b')",
        'SELECT id FROM nation WHERE region_id NOT IN (SELECT id FROM region WHERE id > 2)',
        'SELECT id FROM region r WHERE EXISTS (SELECT 1 FROM nation n WHERE n.region_id = r.id AND n.id > 22)',
        'SELECT id, (SELECT count(*) FROM orders o WHERE o.nation_id = n.id) FROM nation n',
        'SELECT id, row_number() OVER (PARTITION BY region_id ORDER BY id) FROM nation',
        'WITH big_ones AS (SELECT * FROM orders WHERE total > 1000) SELECT a.id FROM big_ones a JOIN big_ones b ON a.id = b.id + 1',
        'SELECT count(*) FROM nation WHERE id > (SELECT avg(id) FROM nation)',
        "SELECT * FROM nation WHERE id = 3 UNION ALL SELECT * FROM nation WHERE id = 4 AND name LIKE 'nation%'",
      ),
      ...ordered('SELECT id, sum(id) OVER (ORDER BY id) FROM nation ORDER BY id LIMIT 5'),
    ],
  },
];
