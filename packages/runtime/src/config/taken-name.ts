/** The words that SQL in the engine (DuckDB 1.5) reserves so far that a table cannot bear them without quotes. */
export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  `all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case cast check collate
  collation column columns concurrently constraint create cross default deferrable desc describe distinct do else end
  except false fetch for foreign freeze from full generated glob group having ilike in initially inner intersect into is
  isnull join lambda lateral leading left like limit map natural not notnull null offset on only or order outer overlaps
  pivot pivot_longer pivot_wider placing positional primary qualify references returning right select semi show similar
  some struct summarize symmetric table tablesample then to trailing true try_cast union unique unpack unpivot using
  variadic verbose when where window with`.split(/\s+/),
);

/** Schemas that the engine keeps for itself; the others are its catalogs, and a schema named so is ambiguous. */
const ENGINE_SCHEMAS: ReadonlySet<string> = new Set([
  ...['information_schema', 'pg_catalog'],
  ...['memory', 'millrace', 'system', 'temp'],
]);

/** Views that stand in every default schema of the engine. */
const ENGINE_TABLES: ReadonlySet<string> = new Set([
  'duckdb_columns',
  'duckdb_constraints',
  'duckdb_databases',
  'duckdb_indexes',
  'duckdb_logs',
  'duckdb_schemas',
  'duckdb_tables',
  'duckdb_types',
  'duckdb_views',
  'pragma_database_list',
  'sqlite_master',
  'sqlite_schema',
  'sqlite_temp_master',
  'sqlite_temp_schema',
]);

const OWN_PREFIX = '__millrace';

/** One part of a name, and whether it stood in quotes. */
interface NamePart {
  readonly value: string;
  readonly quoted: boolean;
}

/** Why a name is taken, and what to do. */
export interface TakenName {
  readonly reason: string;
  readonly hint: string;
}

/** Why a well-formed name cannot be that of a catalog; undefined when it can. */
export function describeTakenCatalog(part: NamePart): TakenName | undefined {
  const name = part.value.toLowerCase();
  if (!ENGINE_SCHEMAS.has(name) && name !== 'main' && name !== 'recurring')
    return describeTakenName(part, { value: 'table', quoted: true });
  return { reason: `the name ${part.value} belongs to the engine`, hint: 'Choose another name' };
}

/** Why a name that is well-formed cannot be used, and what to do; undefined when it can. */
export function describeTakenName(schema: NamePart | undefined, table: NamePart): TakenName | undefined {
  for (const { value, quoted } of schema ? [schema, table] : [table]) {
    if (!quoted && RESERVED_WORDS.has(value.toLowerCase())) {
      return {
        reason: `${value} is a reserved word of SQL`,
        hint: `Choose another, or quote it here and in SQL: "${value}"`,
      };
    }
    if (value.toLowerCase().startsWith(OWN_PREFIX)) {
      return { reason: `names that begin with ${OWN_PREFIX} are the runtime's own`, hint: 'Choose another name' };
    }
  }
  if (schema && ENGINE_SCHEMAS.has(schema.value.toLowerCase())) {
    return { reason: `the schema ${schema.value} belongs to the engine`, hint: 'Choose another schema' };
  }
  if (ENGINE_TABLES.has(table.value.toLowerCase())) {
    return { reason: `the name ${table.value} belongs to the engine`, hint: 'Choose another name' };
  }
  return undefined;
}
