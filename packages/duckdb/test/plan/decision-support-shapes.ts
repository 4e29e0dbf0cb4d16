import type { Shape } from './shape.ts';

/** Queries in the manner of a decision-support benchmark, over {@link TEST_TABLES}. */
export const DECISION_SUPPORT_SHAPES: readonly Shape[] = [
  {
    sql: `SELECT flag, sum(quantity), sum(price * (1 - discount)), count(*) FROM lines
      WHERE shipped <= DATE '1996-02-01' - INTERVAL 90 DAY GROUP BY flag ORDER BY flag`,
    filters: { lines: 'le(shipped,9437)' },
    columns: { lines: 'quantity,price,discount,flag,shipped' },
  },
  {
    sql: `SELECT p.pkey, s.skey FROM parts p, lines l, suppliers s, nations n
      WHERE p.pkey = l.pkey AND s.skey = l.skey AND s.nation = n.nation AND n.region = 1 AND p.size = 9
        AND l.price = (SELECT min(l2.price) FROM lines l2, suppliers s2 WHERE l2.pkey = p.pkey AND s2.skey = l2.skey)`,
    filters: { parts: 'eq(size,9)', nations: 'eq(region,1)' },
  },
  {
    sql: `SELECT l.okey, sum(l.price * (1 - l.discount)) AS revenue, o.placed FROM customers c, orders o, lines l
      WHERE c.segment = 'BUILDING' AND c.ckey = o.ckey AND l.okey = o.okey AND o.placed < DATE '1995-03-15'
        AND l.shipped > DATE '1995-03-15' GROUP BY l.okey, o.placed ORDER BY revenue DESC, l.okey LIMIT 10`,
    filters: { customers: "eq(segment,'BUILDING')", orders: 'lt(placed,9204)', lines: 'gt(shipped,9204)' },
    limit: { lines: 'none', orders: 'none' },
  },
  {
    sql: `SELECT priority, count(*) FROM orders o WHERE placed >= DATE '1994-07-01'
        AND placed < DATE '1994-07-01' + INTERVAL 3 MONTH
        AND EXISTS (SELECT * FROM lines l WHERE l.okey = o.okey AND l.committed < l.shipped) GROUP BY priority`,
    filters: { orders: 'ge(placed,8947) & lt(placed,9039)', lines: 'lt(committed,shipped)' },
  },
  {
    sql: `SELECT n.name, sum(l.price) FROM customers c, orders o, lines l, suppliers s, nations n
      WHERE c.ckey = o.ckey AND l.okey = o.okey AND l.skey = s.skey AND c.nation = s.nation AND s.nation = n.nation
        AND n.region = 2 AND o.placed >= DATE '1994-01-01' GROUP BY n.name`,
    filters: { nations: 'eq(region,2)', orders: 'ge(placed,8766)' },
  },
  {
    sql: `SELECT sum(price * discount) FROM lines WHERE shipped >= DATE '1994-01-01' AND shipped < DATE '1995-01-01'
        AND discount BETWEEN 0.05 AND 0.07 AND quantity < 24`,
    filters: { lines: 'ge(shipped,8766) & lt(shipped,9131) & ge(discount,5) & le(discount,7) & lt(quantity,2400)' },
  },
  {
    sql: `SELECT n1.name, n2.name, year(l.shipped), sum(l.price) FROM suppliers s, lines l, orders o, customers c, nations n1, nations n2
      WHERE s.skey = l.skey AND o.okey = l.okey AND c.ckey = o.ckey AND s.nation = n1.nation AND c.nation = n2.nation
        AND ((n1.name = 'FRANCE' AND n2.name = 'GERMANY') OR (n1.name = 'GERMANY' AND n2.name = 'FRANCE'))
      GROUP BY ALL`,
  },
  {
    sql: `SELECT yr, sum(CASE WHEN nation = 'BRAZIL' THEN volume ELSE 0 END) / sum(volume) FROM (
        SELECT year(o.placed) AS yr, l.price AS volume, n2.name AS nation
        FROM parts p, suppliers s, lines l, orders o, customers c, nations n1, nations n2
        WHERE p.pkey = l.pkey AND s.skey = l.skey AND l.okey = o.okey AND o.ckey = c.ckey AND c.nation = n1.nation
          AND n1.region = 1 AND s.nation = n2.nation AND p.brand = 'Brand#12') GROUP BY yr ORDER BY yr`,
    filters: { parts: "eq(brand,'Brand#12')", nations: '' },
  },
  {
    sql: `SELECT c.ckey, sum(l.price) AS revenue FROM customers c, orders o, lines l
      WHERE c.ckey = o.ckey AND l.okey = o.okey AND l.flag = 'R' GROUP BY c.ckey ORDER BY revenue DESC, c.ckey LIMIT 20`,
    filters: { lines: "eq(flag,'R')" },
  },
  {
    sql: `SELECT pkey, sum(price) AS value FROM lines, suppliers WHERE lines.skey = suppliers.skey AND nation = 3 GROUP BY pkey
      HAVING sum(price) > (SELECT sum(price) * 0.05 FROM lines, suppliers WHERE lines.skey = suppliers.skey AND nation = 3)`,
    filters: { suppliers: 'eq(nation,3)' },
  },
  {
    sql: `SELECT mode, sum(CASE WHEN priority IN ('1-URGENT', '2-HIGH') THEN 1 ELSE 0 END) FROM orders o, lines l
      WHERE o.okey = l.okey AND l.mode IN ('MAIL', 'SHIP') AND l.shipped < l.committed GROUP BY mode`,
    filters: { lines: "in(mode,'MAIL','SHIP') & lt(shipped,committed)" },
  },
  {
    sql: `SELECT n, count(*) FROM (SELECT c.ckey, count(o.okey) AS n FROM customers c LEFT JOIN orders o
        ON c.ckey = o.ckey AND o.remark NOT LIKE '%special%requests%' GROUP BY c.ckey) GROUP BY n`,
    filters: { customers: '', orders: "not(like(remark,'%special%requests%',''))" },
  },
  {
    sql: `WITH revenue AS (SELECT skey, sum(price) AS total FROM lines WHERE shipped >= DATE '1995-01-01' GROUP BY skey)
      SELECT s.skey, total FROM suppliers s, revenue r WHERE s.skey = r.skey AND total = (SELECT max(total) FROM revenue)`,
    filters: { lines: 'ge(shipped,9131)' },
  },
  {
    sql: `SELECT p.brand, count(DISTINCT l.skey) FROM lines l, parts p WHERE p.pkey = l.pkey AND p.brand <> 'Brand#11'
        AND p.name NOT LIKE 'ghost%' AND p.size IN (1, 4, 9, 14)
        AND l.skey NOT IN (SELECT skey FROM suppliers WHERE nation = 2) GROUP BY p.brand`,
    filters: { parts: "ne(brand,'Brand#11') & not(starts_with(name,'ghost')) & in(size,1,4,9,14)" },
  },
  {
    sql: `SELECT sum(l.price) / 7.0 FROM lines l, parts p WHERE p.pkey = l.pkey AND p.brand = 'Brand#13'
        AND l.quantity < (SELECT 0.5 * avg(quantity) FROM lines l2 WHERE l2.pkey = p.pkey)`,
    filters: { parts: "eq(brand,'Brand#13')", lines: '' },
  },
  {
    sql: `SELECT c.ckey, o.okey, sum(l.quantity) FROM customers c, orders o, lines l
      WHERE o.okey IN (SELECT okey FROM lines GROUP BY okey HAVING sum(quantity) > 120)
        AND c.ckey = o.ckey AND o.okey = l.okey GROUP BY ALL ORDER BY ALL LIMIT 100`,
    filters: { lines: '' },
  },
  {
    sql: `SELECT sum(l.price) FROM lines l, parts p WHERE
        (p.pkey = l.pkey AND p.brand = 'Brand#12' AND l.quantity BETWEEN 1 AND 11 AND p.size BETWEEN 1 AND 5 AND l.mode IN ('AIR', 'MAIL'))
        OR (p.pkey = l.pkey AND p.brand = 'Brand#13' AND l.quantity BETWEEN 10 AND 20 AND p.size BETWEEN 1 AND 10 AND l.mode IN ('AIR', 'MAIL'))`,
  },
  {
    sql: `SELECT s.skey FROM suppliers s WHERE s.skey IN (SELECT l.skey FROM lines l WHERE l.pkey IN
        (SELECT pkey FROM parts WHERE name LIKE 'forest%') AND l.shipped >= DATE '1994-01-01' AND l.quantity > 5)`,
    filters: { parts: "starts_with(name,'forest')", lines: 'ge(shipped,8766) & gt(quantity,500)' },
  },
  {
    sql: `SELECT s.skey, count(*) FROM suppliers s, lines l1, orders o WHERE s.skey = l1.skey AND o.okey = l1.okey
        AND o.status = 'F' AND l1.shipped > l1.committed
        AND EXISTS (SELECT * FROM lines l2 WHERE l2.okey = l1.okey AND l2.skey <> l1.skey)
        AND NOT EXISTS (SELECT * FROM lines l3 WHERE l3.okey = l1.okey AND l3.skey <> l1.skey AND l3.shipped > l3.committed)
      GROUP BY s.skey`,
    filters: { orders: "eq(status,'F')", lines: '' },
  },
  {
    sql: `SELECT code, count(*), sum(balance) FROM (SELECT substring(phone, 1, 2) AS code, balance FROM customers
        WHERE substring(phone, 1, 2) IN ('13', '15', '17') AND balance > (SELECT avg(balance) FROM customers WHERE balance > 0)
        AND NOT EXISTS (SELECT * FROM orders o WHERE o.ckey = customers.ckey)) GROUP BY code`,
  },
];
