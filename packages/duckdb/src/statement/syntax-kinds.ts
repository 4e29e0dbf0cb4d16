/**
 * What a parsed statement may be made of, by the names that DuckDB's serializer uses. A kind that is not listed is refused, so
 * that what a later DuckDB adds has to be looked at first.
 */

/** Expressions, by `class`. Functions, casts and constants are looked at more closely. */
export const EXPRESSION_CLASSES: ReadonlySet<string> = new Set([
  'BETWEEN',
  'CASE',
  'CAST',
  'COLLATE',
  'COLUMN_REF',
  'COMPARISON',
  'CONJUNCTION',
  'CONSTANT',
  'FUNCTION',
  'LAMBDA',
  'OPERATOR',
  'PARAMETER',
  'POSITIONAL_REFERENCE',
  'STAR',
  'SUBQUERY',
  'WINDOW',
]);

/** Operators, by `type`; all are pure. */
export const OPERATOR_TYPES: ReadonlySet<string> = new Set([
  'ARRAY_CONSTRUCTOR',
  'ARRAY_EXTRACT',
  'ARRAY_SLICE',
  'ARROW',
  'COMPARE_IN',
  'COMPARE_NOT_IN',
  'GROUPING_FUNCTION',
  'OPERATOR_COALESCE',
  'OPERATOR_IS_NOT_NULL',
  'OPERATOR_IS_NULL',
  'OPERATOR_NOT',
  'OPERATOR_NULLIF',
  'OPERATOR_TRY',
  'OPERATOR_UNPACK',
  'STRUCT_EXTRACT',
]);

/** Query nodes, table references, modifiers, orders and type descriptions, by `type`. */
export const NODE_TYPES: ReadonlySet<string> = new Set([
  'SELECT_NODE',
  'SET_OPERATION_NODE',
  'RECURSIVE_CTE_NODE',
  'BASE_TABLE',
  'EMPTY',
  'EXPRESSION_LIST',
  'JOIN',
  'SHOW_REF',
  'SUBQUERY',
  'TABLE_FUNCTION',
  'DISTINCT_MODIFIER',
  'LIMIT_MODIFIER',
  'LIMIT_PERCENT_MODIFIER',
  'ORDER_MODIFIER',
  'ASCENDING',
  'DESCENDING',
  'ORDER_DEFAULT',
  'ARRAY_TYPE_INFO',
  'DECIMAL_TYPE_INFO',
  'ENUM_TYPE_INFO',
  'GENERIC_TYPE_INFO',
  'LIST_TYPE_INFO',
  'STRING_TYPE_INFO',
  'STRUCT_TYPE_INFO',
  'UNBOUND_TYPE_INFO',
]);

/** Types that the parser leaves to the binder and that are built in; any other would be looked up, or loaded with an extension. */
export const LATE_TYPES: ReadonlySet<string> = new Set(['enum', 'json', 'variant', 'geometry', 'bignum', 'time_ns']);

/** Functions that may stand in FROM: they make rows from their arguments and read nothing. */
export const TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'generate_series',
  'json_each',
  'json_tree',
  'range',
  'unnest',
]);

/** Tables of `information_schema` that are answered. */
export const INFORMATION_SCHEMA: ReadonlySet<string> = new Set(['columns', 'schemata', 'tables']);

/** Schemas and catalogs of the engine, where no dataset can be. */
export const ENGINE_SCHEMAS: ReadonlySet<string> = new Set(['pg_catalog', 'system', 'temp']);

/** A table's name that DuckDB would take for a file. */
export const FILE_NAME: RegExp =
  /[\\/]|\.(?:csv|tsv|txt|parquet|json|jsonl|ndjson|arrows?|ipc|feather|avro|orc|db|ddb|duckdb|sqlite3?|xlsx?|gz|zst|zip|bz2|geojson|shp|gpkg|vortex)$/i;
