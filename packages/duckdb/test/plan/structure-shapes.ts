import type { Shape } from './shape.ts';

/** Everything that combines tables, or reads one more than once. */
export const STRUCTURE_SHAPES: readonly Shape[] = [
  {
    sql: 'SELECT i.id, o.id FROM items i JOIN others o ON i.a = o.a WHERE i.a > 5',
    filters: { items: 'gt(a,5)', others: 'gt(a,5)' },
  },
  {
    sql: "SELECT i.id FROM items i JOIN others o USING (a) WHERE o.b = 'x' AND i.c > 3",
    filters: { others: "eq(b,'x')", items: 'gt(c,3)' },
  },
  { sql: 'SELECT i.id FROM items i, others o WHERE i.a = o.a AND i.c = 3 AND o.c IN (3, 5, 9)' },
  {
    sql: 'SELECT i.id, o.c FROM items i LEFT JOIN others o ON i.a = o.a AND o.c > 3',
    filters: { items: '', others: 'gt(c,3)' },
  },
  { sql: 'SELECT i.id, o.c FROM items i LEFT JOIN others o ON i.a = o.a AND i.c > 3', filters: { items: '' } },
  {
    sql: 'SELECT i.id, o.c FROM items i LEFT JOIN others o ON i.a = o.a WHERE o.c > 3',
    filters: { others: 'gt(c,3)' },
  },
  {
    sql: 'SELECT i.id, o.c FROM items i LEFT JOIN others o ON i.a = o.a WHERE o.c IS NULL AND i.a < 6',
    filters: { items: 'lt(a,6)', others: 'lt(a,6)' },
  },
  { sql: 'SELECT i.id, o.c FROM items i RIGHT JOIN others o ON i.a = o.a AND i.c = 3 WHERE o.a > 2' },
  { sql: 'SELECT i.id, o.c FROM items i FULL JOIN others o ON i.a = o.a AND i.c = 3 AND o.c = 4' },
  { sql: 'SELECT i.id, o.c FROM items i FULL JOIN others o ON i.a = o.a WHERE i.c = 3 AND o.c > 4' },
  { sql: 'SELECT i.id FROM items i SEMI JOIN others o ON i.a = o.a AND o.c > 9 WHERE i.c < 8' },
  { sql: 'SELECT i.id FROM items i ANTI JOIN others o ON i.a = o.a AND o.c > 9 WHERE i.c < 8' },
  { sql: 'SELECT i.id, o.id FROM items i ASOF JOIN others o ON i.a = o.a AND i.g >= o.g WHERE i.c > 3' },
  // Without i.f IS NOT NULL the answer depends on DuckDB 1.5.5's choice of operator: one of the two matches a NULL.
  {
    sql: 'SELECT i.id, o.id FROM items i ASOF LEFT JOIN others o ON i.a = o.a AND i.f >= o.f WHERE i.f IS NOT NULL AND (o.c > 3 OR o.c IS NULL)',
  },
  { sql: 'SELECT i.id, s.id FROM small s POSITIONAL JOIN s2.items i WHERE i.id > 3' },
  { sql: 'SELECT count(*) FROM items CROSS JOIN small WHERE items.id < small.id' },
  { sql: 'SELECT i.id FROM items i JOIN others o ON i.a < o.a AND i.c > 10 WHERE o.c > 10' },
  {
    sql: "SELECT x.id FROM items x JOIN items y ON x.a = y.c WHERE x.a > 5 AND y.b = 'x'",
    filters: { items: "or(gt(a,5),eq(b,'x'))" },
  },
  { sql: "SELECT x.id FROM items x JOIN items y ON x.id = y.id WHERE x.a = 5 AND y.a = 5 AND x.b = 'x'" },
  { sql: "SELECT x.id, y.id FROM items x LEFT JOIN items y ON x.id = y.c AND y.b = 'x' WHERE x.a = 5" },
  {
    sql: "SELECT id FROM items WHERE b = 'x' UNION ALL SELECT id FROM items WHERE b = 'y'",
    filters: { items: "or(eq(b,'x'),eq(b,'y'))" },
  },
  {
    sql: "SELECT id FROM items WHERE a > 1 AND b = 'x' UNION SELECT id FROM items WHERE a > 1 AND b = 'y'",
    filters: { items: "gt(a,1) & or(eq(b,'x'),eq(b,'y'))" },
  },
  { sql: "SELECT id FROM items WHERE b = 'x' UNION ALL SELECT id FROM items", filters: { items: '' } },
  { sql: 'SELECT a FROM items EXCEPT SELECT a FROM others WHERE c > 5' },
  { sql: 'SELECT a FROM items INTERSECT SELECT a FROM others WHERE c > 5' },
  { sql: 'SELECT a FROM items WHERE a > 2 INTERSECT ALL SELECT c FROM items WHERE c < 9' },
  {
    sql: 'SELECT * FROM (SELECT id, a FROM items UNION ALL SELECT id, a FROM others) WHERE a = 4',
    filters: { items: 'eq(a,4)', others: 'eq(a,4)' },
  },
  { sql: 'SELECT * FROM (SELECT id, a FROM items EXCEPT SELECT id, a FROM others) WHERE a = 4' },
  {
    sql: "WITH w AS (SELECT id, a, b FROM items WHERE a > 3) SELECT id FROM w WHERE b = 'x' UNION ALL SELECT id FROM w WHERE b = 'y'",
    filters: { items: "gt(a,3) & or(eq(b,'x'),eq(b,'y'))" },
  },
  {
    sql: "WITH w AS MATERIALIZED (SELECT id, a, b FROM items WHERE a > 3) SELECT x.id FROM w x JOIN w y ON x.a = y.a WHERE y.b = 'x'",
  },
  {
    sql: "WITH w AS NOT MATERIALIZED (SELECT id, a, b FROM items WHERE a > 3) SELECT x.id FROM w x JOIN w y ON x.a = y.a WHERE y.b = 'x'",
  },
  { sql: 'WITH w AS (SELECT id, a FROM items), v AS (SELECT * FROM w WHERE a = 3) SELECT * FROM v' },
  { sql: 'WITH w AS (SELECT * FROM items WHERE a = 3) SELECT 1' },
  { sql: 'WITH items AS (SELECT id, a FROM others WHERE c = 3) SELECT * FROM items WHERE a > 2' },
  {
    sql: 'WITH RECURSIVE r AS (SELECT id, 0 AS depth FROM small WHERE id = 1 UNION ALL SELECT s.id, r.depth + 1 FROM small s JOIN r ON s.id = r.id + 1 WHERE r.depth < 4) SELECT * FROM r',
  },
  {
    sql: 'WITH RECURSIVE r AS (SELECT id FROM items WHERE a = 1 UNION SELECT i.id FROM items i JOIN r ON i.a = r.id % 12 WHERE i.c > 5) SELECT * FROM r',
  },
  {
    sql: "SELECT id FROM items WHERE EXISTS (SELECT 1 FROM others WHERE others.a = items.a AND others.b = 'x')",
    filters: { others: "eq(b,'x')" },
  },
  {
    sql: 'SELECT id FROM items WHERE NOT EXISTS (SELECT 1 FROM others WHERE others.a = items.a AND others.c > 7)',
    filters: { items: '' },
  },
  { sql: 'SELECT id FROM items WHERE a IN (SELECT a FROM others WHERE c > 5)', filters: { others: 'gt(c,5)' } },
  { sql: 'SELECT id FROM items WHERE a NOT IN (SELECT a FROM others WHERE a IS NOT NULL AND c > 5)' },
  { sql: 'SELECT id FROM items WHERE a NOT IN (SELECT a FROM others)', filters: { others: '' } },
  { sql: "SELECT id FROM items WHERE a IN (SELECT c FROM items WHERE b = 'x')", filters: { items: '' } },
  {
    sql: "SELECT id, (SELECT max(c) FROM others WHERE others.a = items.a) FROM items WHERE b = 'x'",
    filters: { items: "eq(b,'x')", others: '' },
  },
  { sql: "SELECT id, (SELECT count(*) FROM items y WHERE y.a = x.a AND y.c > 3) FROM items x WHERE b = 'x'" },
  { sql: 'SELECT id FROM items WHERE c > (SELECT avg(c) FROM others)', filters: { items: '' } },
  { sql: 'SELECT id FROM items WHERE c = (SELECT max(c) FROM items)', filters: { items: '' } },
  { sql: 'SELECT id FROM items WHERE c > ALL (SELECT c FROM others WHERE a = 3 AND c IS NOT NULL)' },
  { sql: 'SELECT id FROM items WHERE c < ANY (SELECT c FROM others WHERE a = 3)' },
  {
    sql: 'SELECT o.id, x.id FROM others o, LATERAL (SELECT id FROM items i WHERE i.a = o.a AND i.c > 5 ORDER BY id LIMIT 2) x WHERE o.c > 3',
    limit: { items: 'none' },
  },
  {
    sql: 'SELECT o.id, x.n FROM others o LEFT JOIN LATERAL (SELECT count(*) AS n FROM items i WHERE i.a = o.a AND i.c > 5) x ON true',
  },
  {
    sql: 'SELECT a, count(*), sum(d) FROM items WHERE c > 3 GROUP BY a HAVING count(*) > 1',
    filters: { items: 'gt(c,3)' },
  },
  { sql: 'SELECT a, count(*) FROM items GROUP BY a HAVING a > 4', filters: { items: 'gt(a,4)' } },
  { sql: 'SELECT a, n, count(*) FROM items GROUP BY GROUPING SETS ((a), (n), ()) HAVING a > 4 OR a IS NULL' },
  { sql: 'SELECT a, n, count(*) FROM items GROUP BY ROLLUP (a, n) HAVING a = 4' },
  { sql: 'SELECT a, count(*) FILTER (WHERE c > 5) FROM items GROUP BY a', filters: { items: '' } },
  {
    sql: "SELECT a, count(DISTINCT c), min(b) FROM items WHERE b <> 'x' GROUP BY ALL",
    filters: { items: "ne(b,'x')" },
  },
  {
    sql: 'SELECT * FROM (SELECT id, a, row_number() OVER (PARTITION BY a ORDER BY id) AS rn FROM items) WHERE rn = 1 AND a > 3',
  },
  {
    sql: 'SELECT * FROM (SELECT id, a, sum(c) OVER (ORDER BY id) AS total FROM items) WHERE a > 3',
    filters: { items: '' },
  },
  { sql: 'SELECT id FROM items QUALIFY row_number() OVER (PARTITION BY a ORDER BY id) = 1', filters: { items: '' } },
  { sql: 'SELECT id, lag(c) OVER (ORDER BY id) FROM items WHERE a > 3', filters: { items: 'gt(a,3)' } },
  { sql: 'SELECT DISTINCT ON (a) a, id FROM items WHERE c > 3 ORDER BY a, id', filters: { items: 'gt(c,3)' } },
  { sql: 'SELECT * FROM (SELECT DISTINCT a, c FROM items) WHERE a = 3', filters: { items: 'eq(a,3)' } },
  { sql: 'SELECT id, u FROM items, unnest(m) t(u) WHERE u > 1 AND a > 3' },
  { sql: 'SELECT id, unnest(m) AS u FROM items WHERE a > 3', filters: { items: 'gt(a,3)' } },
  { sql: 'SELECT i.id FROM items i JOIN range(5) r(k) ON i.a = r.k WHERE r.k > 2' },
  {
    sql: 'SELECT i.id FROM items i JOIN (VALUES (1), (3)) v(k) ON i.a = v.k WHERE i.c > 2',
    filters: { items: 'gt(c,2)' },
  },
  { sql: "SELECT id FROM busy WHERE b = 'x'", filters: { items: "eq(b,'x') & gt(c,4)" }, columns: { items: 'id,b,c' } },
  { sql: 'SELECT id FROM busier WHERE a > 2', filters: { items: "gt(a,2) & gt(c,4) & starts_with(b,'a')" } },
  { sql: 'SELECT x.id, y.other FROM busy x JOIN joined y ON x.id = y.id' },
  {
    sql: 'SELECT x.id FROM busy x JOIN items y ON x.id = y.id WHERE y.n',
    filters: { items: 'or(gt(c,4),eq(n,true))' },
  },
  { sql: 'SELECT id FROM items WHERE false' },
  { sql: 'SELECT count(*) FROM items WHERE a = 3 AND false' },
  { sql: 'SELECT i.id FROM items i JOIN others o ON i.a = o.a WHERE o.c > 5 AND o.c < 3' },
  {
    sql: 'SELECT i.id FROM items i LEFT JOIN (SELECT * FROM others WHERE false) o ON i.a = o.a WHERE i.c = 3',
    filters: { items: 'eq(c,3)' },
  },
  {
    sql: 'SELECT x.id FROM items x WHERE x.a = 3 UNION ALL SELECT y.id FROM items y WHERE false',
    filters: { items: 'eq(a,3)' },
  },
  { sql: 'SELECT 1' },
  { sql: 'SELECT rowid FROM small' },
  { sql: 'SELECT rowid, id FROM items WHERE a = 3', filters: { items: '' } },
  { sql: 'SELECT id FROM items WHERE rowid > 100', filters: { items: '' } },
  { sql: 'SELECT id FROM items WHERE rowid IN (SELECT id FROM others)', filters: { items: '' } },
  { sql: 'SELECT list(id ORDER BY id) FROM items WHERE a = 3', filters: { items: 'eq(a,3)' } },
  { sql: 'SELECT arg_max(id, c * 1000 + id) FROM items WHERE a = 3' },
  { sql: 'SELECT * EXCLUDE (l, m) REPLACE (a + 1 AS a) FROM items WHERE a = 3' },
  { sql: 'FROM items SELECT id WHERE a = 3', filters: { items: 'eq(a,3)' } },
  { sql: 'SELECT i FROM items i WHERE i.a = 3', filters: { items: 'eq(a,3)' } },
  { sql: 'SELECT items.l.x + 1, "odd name" FROM main.items WHERE items.l.x < 4', columns: { items: 'l,odd name' } },
  {
    sql: 'SELECT sum(CASE WHEN a > 3 THEN c ELSE 0 END) FROM items WHERE b IS NOT NULL',
    filters: { items: 'is_not_null(b)' },
  },
  {
    sql: 'SELECT x.a FROM (SELECT a, c FROM items WHERE c > 2) x WHERE x.c < 9',
    filters: { items: 'lt(c,9) & gt(c,2)' },
  },
  { sql: 'SELECT s FROM (SELECT a + 1 AS s, c FROM items) WHERE s > 4 AND c = 3', filters: { items: 'eq(c,3)' } },
  { sql: "SELECT s FROM (SELECT upper(b) AS s FROM items) WHERE s = 'X'", filters: { items: "eq(upper(b),'X')" } },
  { sql: 'SELECT s FROM (SELECT random() AS s, a FROM items) WHERE s < 2 AND a = 3 AND false' },
  { sql: 'SELECT count(*) FROM (SELECT a, random() AS s FROM items) WHERE a = 3' },
  { sql: "SELECT id FROM items WHERE b = 'it''s' OR b = ':12345678901234567890,' OR b = '\"NaN\"'" },
  { sql: 'SELECT id FROM items WHERE a = 170141183460469231731687303715884105727' },
  {
    sql: 'SELECT count(*) FROM items a, items b, items c WHERE a.id = b.id AND b.id = c.id AND a.a = 1 AND b.c = 2',
    filters: { items: '' },
  },
  { sql: 'SELECT count(*) FROM items TABLESAMPLE 100% WHERE a = 3' },
  {
    sql: 'SELECT g1.k, count(*) FROM generate_series(1, 4) g1(k) LEFT JOIN items ON items.a = g1.k AND items.c > 3 GROUP BY 1',
    filters: { items: 'gt(c,3)' },
  },
  { sql: 'DESCRIBE items' },
  { sql: 'SUMMARIZE small' },
];
