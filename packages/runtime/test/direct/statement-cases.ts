import { dataTypes } from '@millrace/core';
import type { QueryParameters } from '@millrace/duckdb';
import type { QueryRequest } from '../../src/query/query-request.ts';

/** The columns that come out of the engine as they went in. */
const PLAIN = 'id, "Name", price, moment, ok, day';

/** A statement and what is bound to it. */
type StatementCase = readonly [sql: string, parameters?: QueryParameters];

function requests(cases: readonly StatementCase[]): readonly QueryRequest[] {
  return cases.map(([sql, parameters]) => (parameters === undefined ? { sql } : { sql, parameters }));
}

/** Statements of which a source can do everything. */
export const DIRECT: readonly QueryRequest[] = requests([
  [`SELECT ${PLAIN} FROM lines`],
  [`FROM lines SELECT ${PLAIN}`],
  ['SELECT id FROM lines WHERE id = 1'],
  ['SELECT id FROM lines WHERE 1 = id'],
  ['SELECT id FROM lines WHERE id = 9223372036854775807'],
  ['SELECT id FROM lines WHERE id = $1', [1n]],
  ['SELECT id FROM lines WHERE id = ?', [1]],
  ['SELECT id FROM lines WHERE id = $key', { key: 2n ** 62n }],
  ['SELECT id FROM lines WHERE id BETWEEN 1 AND 5 AND "Name" <> \'x\''],
  ['SELECT id FROM lines WHERE id IN (1, 2, 3)'],
  ['SELECT id FROM lines WHERE name IS NOT NULL AND price IS NULL'],
  ['SELECT id FROM lines WHERE tags IS NOT NULL'],
  ["SELECT id FROM lines WHERE name = ''"],
  ['SELECT id FROM lines WHERE name >= $1', ['Ω']],
  ['SELECT id FROM lines WHERE price < 1.5'],
  ['SELECT id FROM lines WHERE price = 2'],
  ['SELECT id FROM lines WHERE price < 1.234'],
  ['SELECT id FROM lines WHERE price = $1', [{ value: 150n, type: dataTypes.decimal(10, 2) }]],
  ['SELECT id FROM lines WHERE ok'],
  ['SELECT id FROM lines WHERE ok = true'],
  ['SELECT id FROM lines WHERE moment > $1', [new Date(0)]],
  ['SELECT id FROM lines WHERE day = $1', [{ value: 19_782, type: dataTypes.date() }]],
  ['SELECT l.id AS x, L.ID, "name" FROM main.LINES AS l WHERE l.id = 1'],
  ['SELECT id FROM lines WHERE id = 1 LIMIT 2'],
]);

/** Statements that are for the engine, or that are left to it. */
export const EXECUTED: readonly QueryRequest[] = requests([
  // A list comes out of the engine with another name of its items.
  ['SELECT * FROM lines'],
  ['SELECT id + 1 FROM lines'],
  ['SELECT DISTINCT id FROM lines'],
  ['SELECT id FROM lines ORDER BY id'],
  ['SELECT id FROM lines LIMIT 1 OFFSET 1'],
  ['SELECT id FROM lines LIMIT 0'],
  ['SELECT id FROM lines LIMIT NULL'],
  ['SELECT id FROM lines LIMIT 10%'],
  ['SELECT count(*) FROM lines'],
  ['SELECT id FROM lines GROUP BY ALL'],
  ['SELECT id FROM lines GROUP BY id HAVING id = 1'],
  ['SELECT id FROM lines QUALIFY row_number() OVER (ORDER BY id) = 1'],
  ['SELECT * EXCLUDE (tags) FROM lines'],
  ["SELECT COLUMNS('id') FROM lines"],
  ['SELECT lines.* REPLACE (1 AS id) FROM lines'],
  ['SELECT id FROM lines TABLESAMPLE 100%'],
  ['SELECT x FROM lines AS l(x)'],
  ['SELECT id FROM lines, (SELECT 1)'],
  ['SELECT id FROM (SELECT id FROM lines)'],
  ['WITH lines AS (SELECT 1 AS id) SELECT id FROM lines'],
  ['SELECT id FROM lines UNION ALL SELECT id FROM lines'],
  ['SELECT id FROM lines WHERE id = 1 OR id = 2'],
  ['SELECT id FROM lines WHERE NOT ok'],
  ['SELECT id FROM lines WHERE id NOT IN (1, 2)'],
  ['SELECT id FROM lines WHERE id IN (SELECT 1)'],
  ['SELECT id FROM lines WHERE id = NULL'],
  ['SELECT id FROM lines WHERE id = 1.5'],
  ['SELECT id FROM lines WHERE id = 99999999999999999999'],
  ['SELECT id FROM lines WHERE id > price'],
  ["SELECT id FROM lines WHERE id = '1'"],
  ['SELECT id FROM lines WHERE price = 1e0'],
  ['SELECT id FROM lines WHERE price = 1.234'],
  ["SELECT id FROM lines WHERE moment > '2024-02-29'"],
  ["SELECT id FROM lines WHERE day = TIMESTAMP '2024-02-29'"],
  ["SELECT id FROM lines WHERE name COLLATE NOCASE = 'ONE'"],
  ['SELECT id FROM lines WHERE id = $1', [null]],
  ['SELECT id FROM lines WHERE id = $1', ['1']],
  ['SELECT id FROM lines WHERE id = $1', [1.5]],
  ['SELECT id FROM lines WHERE id = $1', [2n ** 64n]],
  ['SELECT id FROM lines WHERE day = $1', [new Date(0)]],
  ['SELECT id FROM lines LIMIT $1', [1]],
  ['SELECT lines FROM lines'],
  ['SELECT id FROM seen'],
]);
