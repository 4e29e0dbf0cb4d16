import { describe, expect, it } from 'vitest';
import type {
  AccelerationInput,
  CachingInput,
  CatalogInput,
  ColumnInput,
  DatasetInput,
  ResultsCacheInput,
  RuntimeConfigInput,
  RuntimeInput,
  ViewInput,
} from './config-input.ts';
import { type ConfigSection, sectionFields } from './config-schema.ts';
import { laterFields } from './later-fields.ts';

type Fields<Input> = Readonly<Record<keyof Input, true>>;

/** Fails to compile when a field is added to an input type, and below when it is missing in the schema. */
const INPUT_FIELDS: {
  readonly top: Fields<RuntimeConfigInput>;
  readonly runtime: Fields<RuntimeInput>;
  readonly caching: Fields<CachingInput>;
  readonly sql_results: Fields<ResultsCacheInput>;
  readonly dataset: Fields<DatasetInput>;
  readonly column: Fields<ColumnInput>;
  readonly acceleration: Fields<AccelerationInput>;
  readonly view: Fields<ViewInput>;
  readonly catalog: Fields<CatalogInput>;
} = {
  top: { version: true, kind: true, name: true, runtime: true, datasets: true, views: true, catalogs: true },
  runtime: { dataset_load_parallelism: true, memory_limit: true, caching: true },
  caching: { sql_results: true },
  sql_results: { enabled: true, max_size: true, item_ttl: true, eviction_policy: true, cache_key_type: true },
  dataset: {
    from: true,
    name: true,
    description: true,
    params: true,
    columns: true,
    acceleration: true,
    unsupported_type_action: true,
    time_column: true,
    time_format: true,
    depends_on: true,
    ready_state: true,
    on_schema_change: true,
  },
  column: { name: true, type: true, nullable: true, description: true },
  acceleration: {
    enabled: true,
    engine: true,
    mode: true,
    refresh_mode: true,
    refresh_check_interval: true,
    refresh_sql: true,
    refresh_cron: true,
    refresh_jitter_enabled: true,
    refresh_jitter_max: true,
    refresh_on_startup: true,
    refresh_retry_enabled: true,
    refresh_retry_max_attempts: true,
    refresh_data_window: true,
    refresh_append_overlap: true,
    on_zero_results: true,
    retention_check_enabled: true,
    retention_period: true,
    retention_sql: true,
    retention_check_interval: true,
    partition_by: true,
    primary_key: true,
    indexes: true,
    on_conflict: true,
    params: true,
  },
  view: {
    name: true,
    sql: true,
    sql_ref: true,
    description: true,
    columns: true,
    time_column: true,
    time_format: true,
    ready_state: true,
    on_schema_change: true,
    depends_on: true,
    acceleration: true,
  },
  catalog: {
    from: true,
    name: true,
    description: true,
    include: true,
    exclude: true,
    params: true,
    dataset_params: true,
    unsupported_type_action: true,
  },
};

describe.each(Object.keys(sectionFields) as ConfigSection[])('section %s', (section) => {
  it('has the same fields in the schema and in the type of the object', () => {
    expect([...sectionFields[section]].sort()).toEqual(Object.keys(INPUT_FIELDS[section]).sort());
  });

  it('has no field that is both supported and to come', () => {
    expect(laterFields[section].filter((field) => sectionFields[section].includes(field))).toEqual([]);
  });
});
