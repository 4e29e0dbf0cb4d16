const READS_CATALOG = "reads the engine's catalog";
const READS_SESSION = "reads the engine's session or settings";
const RUNS_SQL = 'takes SQL as text, which would pass by the check';
const HAS_EFFECT = 'has an effect besides its result';
const INTERNAL = 'is internal to the engine';

/**
 * Scalar and aggregate functions of the bundled DuckDB that a query may not call, each with its reason. Everything else in
 * `duckdb_functions()` is on the generated allow-list.
 */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  [READS_CATALOG]: [
    'col_description',
    'format_pg_type',
    'format_type',
    'get_block_size',
    'in_search_path',
    'map_to_pg_oid',
    'obj_description',
    'shobj_description',
  ],
  [READS_SESSION]: [
    'current_catalog',
    'current_connection_id',
    'current_database',
    'current_query',
    'current_query_id',
    'current_role',
    'current_schema',
    'current_schemas',
    'current_setting',
    'current_transaction_id',
    'current_user',
    'getenv',
    'getvariable',
    'session_user',
    'txid_current',
    'user',
  ],
  [RUNS_SQL]: [
    'json_deserialize_sql',
    'json_execute_serialized_sql',
    'json_serialize_plan',
    'json_serialize_sql',
    'query',
    'query_table',
  ],
  [HAS_EFFECT]: ['currval', 'nextval', 'pg_sleep', 'setseed', 'sleep_ms', 'write_log'],
  [INTERNAL]: [
    'combine',
    'constant_or_null',
    'create_sort_key',
    'finalize',
    'icu_sort_key',
    'is_histogram_other_bin',
    'make_type',
    'parse_duckdb_log_message',
    'stats',
    'timetz_byte_comparable',
    'unpivot_list',
    'variant_bytes_to_variant',
    'variant_normalize',
    'variant_to_parquet_variant',
    'vector_type',
  ],
};

/** Families of functions, by the start of their names. `COLLATE` does what `icu_collate_` does. */
const REFUSED_PREFIXES: Readonly<Record<string, string>> = {
  __internal_: INTERNAL,
  duckdb_: READS_CATALOG,
  has_: READS_CATALOG,
  icu_collate_: INTERNAL,
  inet_: READS_SESSION,
  pg_: READS_CATALOG,
  pragma_: READS_CATALOG,
};

const reasons: ReadonlyMap<string, string> = new Map(
  Object.entries(REFUSED).flatMap(([reason, names]) => names.map((name) => [name, reason] as const)),
);

/** Why a function is refused, to follow its name in a sentence; undefined for any other name. Takes the name in lower case. */
export function refusedFunction(name: string): string | undefined {
  const prefix = Object.keys(REFUSED_PREFIXES).find((start) => name.startsWith(start));
  return reasons.get(name) ?? (prefix === undefined ? undefined : REFUSED_PREFIXES[prefix]);
}
