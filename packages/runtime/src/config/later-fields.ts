import type { ConfigSection } from './config-schema.ts';

/**
 * Fields of a spicepod that are known and not supported yet: they get a code of their own, so that nobody looks for a
 * typing mistake.
 *
 * Source: the reference of the spicepod format, https://spiceai.org/docs/reference/spicepod.
 */
export const laterFields: Readonly<Record<ConfigSection, readonly string[]>> = {
  top: [
    'secrets',
    'snapshots',
    'models',
    'embeddings',
    'tools',
    'evals',
    'extensions',
    'dependencies',
    'workers',
    'functions',
    'metadata',
    'management',
  ],
  runtime: [
    'auth',
    'tls',
    'cors',
    'shutdown_timeout',
    'task_history',
    'query',
    'cpu',
    'output_level',
    'telemetry',
    'metrics',
    'source_rate_control',
    'acceleration',
    'params',
  ],
  caching: ['search_results', 'embeddings'],
  sql_results: ['hashing_algorithm', 'encoding', 'stale_while_revalidate_ttl'],
  dataset: [
    'ref',
    'access',
    'mode',
    'metadata',
    'has_metadata_table',
    'replication',
    'time_partition_column',
    'time_partition_format',
    'invalid_type_action',
    'check_availability',
    'metrics',
    'schema_inference',
    'embeddings',
    'full_text_search',
    'vectors',
  ],
  column: ['embeddings', 'full_text_search', 'metadata'],
  acceleration: [
    'write_mode',
    'storage_profile',
    'snapshots',
    'snapshots_trigger',
    'snapshots_trigger_threshold',
    'snapshots_creation_policy',
    'snapshots_compaction',
    'snapshots_reset_expiry_on_load',
    'metrics',
    'disable_query_push_down',
  ],
  catalog: ['access', 'acceleration', 'metadata', 'dependsOn', 'depends_on'],
  view: ['metadata'],
};

/** Values of the same kind, by the field that takes them. */
export const laterValues: Readonly<Record<string, readonly string[]>> = {
  eviction_policy: ['tiny_lfu'],
  cache_key_type: ['plan'],
  refresh_mode: ['changes', 'caching', 'snapshot', 'disabled'],
};
