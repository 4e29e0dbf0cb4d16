import type { Shape } from './shape.ts';

/** Limits and orders: where they may go to the source, and where not. */
export const LIMIT_SHAPES: readonly Shape[] = [
  { sql: 'SELECT id FROM items ORDER BY id LIMIT 5', limit: { items: '5 by id asc nulls last' } },
  {
    sql: 'SELECT id, b FROM items WHERE a > 3 ORDER BY id DESC LIMIT 5 OFFSET 3',
    limit: { items: '8 by id desc nulls last' },
  },
  {
    sql: 'SELECT b FROM items ORDER BY a NULLS FIRST, id LIMIT 4',
    limit: { items: '4 by a asc nulls first, id asc nulls last' },
  },
  { sql: 'SELECT count(*) FROM (SELECT * FROM items LIMIT 7)', limit: { items: '7' } },
  { sql: 'SELECT count(*) FROM (SELECT id FROM items WHERE a = 3 LIMIT 2 OFFSET 1)', limit: { items: '3' } },
  { sql: 'SELECT count(*) FROM (SELECT id FROM items LIMIT 0)', limit: { items: 'none' } },
  { sql: "SELECT id FROM items WHERE b ILIKE 'a%' ORDER BY id LIMIT 3", limit: { items: 'none' } },
  { sql: 'SELECT id FROM items WHERE year(f) = 1994 ORDER BY id LIMIT 3', limit: { items: 'none' } },
  { sql: 'SELECT id FROM items ORDER BY a + c, id LIMIT 3', limit: { items: 'none' } },
  { sql: 'SELECT id FROM items ORDER BY m, id LIMIT 3', limit: { items: 'none' } },
  { sql: 'SELECT id, a FROM items ORDER BY l.x, id LIMIT 6' },
  { sql: 'SELECT count(*) FROM (SELECT id FROM items LIMIT 10%)', limit: { items: 'none' } },
  { sql: 'SELECT a, count(*) FROM items GROUP BY a ORDER BY a LIMIT 3', limit: { items: 'none' } },
  { sql: 'SELECT DISTINCT a FROM items ORDER BY a LIMIT 3', limit: { items: 'none' } },
  {
    sql: 'SELECT i.id FROM items i JOIN others o ON i.a = o.a ORDER BY i.id, o.id LIMIT 3',
    limit: { items: 'none', others: 'none' },
  },
  {
    sql: 'SELECT i.id, j.id FROM (SELECT * FROM items ORDER BY id LIMIT 5) i JOIN items j ON i.a = j.a',
    limit: { items: 'none' },
  },
  {
    sql: 'SELECT i.id, o.id FROM (SELECT * FROM items ORDER BY id LIMIT 5) i JOIN others o ON i.a = o.a',
    limit: { items: '5 by id asc nulls last', others: 'none' },
  },
  {
    sql: '(SELECT id FROM items ORDER BY id LIMIT 3) UNION ALL (SELECT id FROM others ORDER BY id DESC LIMIT 2)',
    limit: { items: '3 by id asc nulls last', others: '2 by id desc nulls last' },
  },
  {
    sql: 'SELECT * FROM (SELECT id FROM items UNION ALL SELECT id FROM others) ORDER BY id LIMIT 4',
    limit: { items: 'none' },
  },
  {
    sql: 'SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS rn FROM items) WHERE rn > 3 ORDER BY id LIMIT 3',
    limit: { items: 'none' },
  },
  { sql: 'SELECT id, unnest(m) FROM items WHERE a > 3 ORDER BY id, 2 LIMIT 5', limit: { items: 'none' } },
  {
    sql: 'SELECT id FROM items WHERE a IN (SELECT a FROM others WHERE c > 9) ORDER BY id LIMIT 2',
    limit: { items: 'none' },
  },
  { sql: 'SELECT id FROM items ORDER BY id OFFSET 150', limit: { items: 'none' } },
  { sql: 'WITH w AS (SELECT id, a FROM items ORDER BY id LIMIT 9) SELECT count(*), sum(a) FROM w' },
  { sql: 'SELECT count(*) FROM (SELECT id FROM busier LIMIT 3)', limit: { items: '3' } },
];
