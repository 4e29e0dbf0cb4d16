/** Tables by oid, with what is known of each but its columns. */
export const TABLES_SQL: string = `
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind, obj_description(c.oid, 'pg_class') AS comment,
  has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT') AS readable,
  getdatabaseencoding() AS encoding
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = ANY($1::oid[])`;

/** The columns of tables, in order; the default collation of the database stands for the column's where it has that one. */
export const COLUMNS_SQL: string = `
SELECT a.attrelid AS table, a.attname AS name, a.atttypid AS type, a.atttypmod AS modifier, a.attndims AS dimensions,
  format_type(a.atttypid, a.atttypmod) AS "typeText", a.attnotnull AS "isNotNull",
  CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END AS default,
  col_description(a.attrelid, a.attnum) AS comment,
  CASE WHEN a.attcollation <> 0 THEN json_build_object('name', l.collname,
    'provider', CASE WHEN l.collprovider = 'd' THEN b.datlocprovider ELSE l.collprovider END,
    'locale', CASE WHEN l.collprovider = 'd' THEN b.datcollate ELSE l.collcollate END,
    'isDeterministic', l.collisdeterministic) END AS collation
FROM pg_catalog.pg_attribute a
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
  JOIN pg_catalog.pg_database b ON b.datname = current_database()
WHERE a.attrelid = ANY($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum`;

/** Keys of tables, with the names of their columns. */
export const CONSTRAINTS_SQL: string = `
SELECT k.conrelid AS table, k.contype AS kind,
  (SELECT json_agg(a.attname ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY u(number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number) AS columns,
  n.nspname AS "foreignSchema", f.relname AS "foreignTable", k.convalidated AS "isEnforced",
  (SELECT json_agg(a.attname ORDER BY u.place) FROM unnest(k.confkey) WITH ORDINALITY u(number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number) AS "foreignColumns"
FROM pg_catalog.pg_constraint k
  LEFT JOIN pg_catalog.pg_class f ON f.oid = k.confrelid
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = f.relnamespace
WHERE k.conrelid = ANY($1::oid[]) AND k.contype IN ('p', 'u', 'f')
ORDER BY k.conrelid, k.conname`;

/** Types and everything that they are made of. */
export const TYPES_SQL: string = `
WITH RECURSIVE needed(oid) AS (
  SELECT unnest($1::oid[])
  UNION
  SELECT part.oid FROM needed JOIN pg_catalog.pg_type t ON t.oid = needed.oid
    CROSS JOIN LATERAL (
      SELECT t.typbasetype WHERE t.typtype = 'd'
      UNION ALL SELECT t.typelem WHERE t.typcategory = 'A'
      UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) part(oid)
  WHERE part.oid <> 0
)
SELECT t.oid, t.typname AS name, n.nspname AS schema, t.typtype AS kind, t.typcategory AS category, t.typelem AS element,
  t.typbasetype AS base, t.typtypmod AS "baseModifier", t.typndims AS dimensions,
  coalesce((SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid), '[]') AS labels,
  coalesce((SELECT json_agg(json_build_object('name', a.attname, 'type', a.atttypid::int8, 'modifier', a.atttypmod, 'dimensions', a.attndims)
      ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '[]') AS members
FROM needed JOIN pg_catalog.pg_type t ON t.oid = needed.oid JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace`;

/** The kinds of relation that can be read. */
const KINDS: string = "('r', 'p', 'v', 'm', 'f')";

/** The table of a name: in a schema, or the first on the search path. Names in the order in which they are tried. */
export const FIND_SQL: string = `
SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = ANY($2::text[]) AND c.relkind IN ${KINDS}
  AND CASE WHEN $1::text[] IS NULL THEN n.nspname = ANY(current_schemas(true)) ELSE n.nspname = ANY($1::text[]) END
ORDER BY coalesce(array_position($1::text[], n.nspname::text), array_position(current_schemas(true), n.nspname)),
  array_position($2::text[], c.relname::text)
LIMIT 1`;

/** What a schema holds, or the schemas on the search path. */
export const LIST_SQL: string = `
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.relpersistence AS persistence
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ${KINDS} AND n.nspname = ANY(coalesce($1::text[], current_schemas(false)::text[]))
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`;

/** The schemas but those of the server itself. */
export const SCHEMAS_SQL: string = `
SELECT nspname AS name FROM pg_catalog.pg_namespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND has_schema_privilege(oid, 'USAGE')
ORDER BY nspname COLLATE "C"`;

/** Size of a table in pages and its rows as of the last ANALYZE or VACUUM, -1 before the first. */
export const SIZE_SQL: string = `
SELECT (pg_relation_size(c.oid) / current_setting('block_size')::int)::float8 AS pages, c.reltuples::float8 AS rows,
  c.relpages AS "statisticsPages", pg_table_size(c.oid)::float8 AS bytes, a.amname AS method
FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam
WHERE c.oid = $1::oid`;
