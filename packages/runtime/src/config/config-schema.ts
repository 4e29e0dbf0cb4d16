import { z } from 'zod';

const text: z.ZodString = z.string().min(1);

const columnList: z.ZodString = text.meta({ examples: ['id', '(tenant, id)'] });

const TABLE_NAME = '`table` or `schema.table`; a part in double quotes is taken as it is.';

const params: z.ZodType = z
  .record(z.string(), z.unknown())
  .nullish()
  .meta({ description: `Parameters by name. Secrets come from \`\${env:NAME}\`.` });

const unsupportedTypeAction: z.ZodType = z
  .enum(['error', 'warn', 'ignore', 'string'])
  .optional()
  .meta({ description: 'What becomes of columns whose type cannot be represented. Default: error.' });

const column: z.ZodObject = z
  .strictObject({
    name: text.meta({ description: 'Name of the column.' }),
    type: text.meta({ description: 'Type in SQL.', examples: ['BIGINT', 'VARCHAR', 'DECIMAL(10,2)'] }),
    nullable: z.boolean().default(true).meta({ description: 'False promises that the column holds no nulls.' }),
    description: z.string().optional().meta({ description: 'What the column holds.' }),
  })
  .meta({ id: 'column' });

const acceleration: z.ZodObject = z
  .strictObject({
    enabled: z.boolean().default(true).meta({ description: 'Whether the local copy is used.' }),
    engine: text.default('arrow').meta({ description: 'Id of the accelerator that keeps the copy.' }),
    mode: z.enum(['memory', 'file', 'file_create', 'file_update']).default('memory').meta({
      description:
        'Whether the copy survives the process: `file` does, `file_create` is loaded anew at every start, `file_update` where columns were taken away.',
    }),
    refresh_mode: z
      .enum(['full', 'append'])
      .optional()
      .meta({ description: '`full` reads everything again, `append` what `time_column` says is new.' }),
    refresh_check_interval: text
      .optional()
      .meta({ description: 'Time between refreshes. Default: loaded once.', examples: ['30s', '5m', '1h'] }),
    refresh_cron: text.optional().meta({
      description: 'When it is refreshed, in UTC: minute, hour, day, month, day of the week.',
      examples: ['0 3 * * *'],
    }),
    refresh_jitter_enabled: z
      .boolean()
      .optional()
      .meta({ description: 'Whether first load and schedule are put off by chance. Default: false.' }),
    refresh_jitter_max: text
      .optional()
      .meta({ description: 'Most that a refresh is put off by. Default: a tenth of the interval.', examples: ['30s'] }),
    refresh_on_startup: z.enum(['auto', 'always']).optional().meta({
      description: 'Whether rows of a file that are young enough are loaded anew. Default: auto, they are not.',
    }),
    refresh_retry_enabled: z
      .boolean()
      .optional()
      .meta({ description: 'Whether a refresh is tried again after an error that may pass. Default: true.' }),
    refresh_retry_max_attempts: z.int().min(1).optional().meta({ description: 'Most retries. Default: no bound.' }),
    refresh_sql: text
      .optional()
      .meta({ description: 'A SELECT over this dataset that says which rows and columns are kept.' }),
    refresh_data_window: text
      .optional()
      .meta({ description: 'Only rows whose `time_column` is younger are read.', examples: ['7d', '24h'] }),
    refresh_append_overlap: text
      .optional()
      .meta({ description: 'How far below the newest `time_column` an append reads again. Default: 0.' }),
    retention_check_enabled: z
      .boolean()
      .optional()
      .meta({ description: 'Whether rows are removed from the copy. Default: false.' }),
    retention_period: text.optional().meta({ description: 'Rows whose `time_column` is older go.', examples: ['30d'] }),
    retention_sql: text.optional().meta({
      description: 'Rows that go.',
      examples: ["DELETE FROM orders WHERE status = 'void'"],
    }),
    retention_check_interval: text.optional().meta({ description: 'Time between checks.', examples: ['1h'] }),
    on_zero_results: z
      .enum(['return_empty', 'use_source'])
      .optional()
      .meta({ description: 'What answers a scan that finds no row in the copy. Default: return_empty.' }),
    partition_by: z
      .array(text)
      .min(1)
      .nullish()
      .meta({
        description: 'What rows that are kept together have in common, so that filters skip the others.',
        examples: [["date_trunc('month', ordered_at)"], ['bucket(16, customer_id)'], ['truncate(100, id)', 'region']],
      }),
    primary_key: columnList.optional().meta({ description: 'The column, or `(a, b)`, that tells rows apart.' }),
    indexes: z
      .record(z.string(), z.enum(['enabled', 'unique']))
      .optional()
      .meta({ description: 'Columns, or `(a, b)`, that the copy has an index over.' }),
    on_conflict: z
      .record(z.string(), z.enum(['drop', 'upsert', 'upsert_dedup', 'upsert_dedup_by_row_id']))
      .optional()
      .meta({ description: 'What becomes of rows with one primary key, under the columns of the key.' }),
    params,
  })
  .meta({ id: 'acceleration', description: 'Keeps a local copy of the dataset.' });

/** What datasets and views have beside `acceleration` to say of a copy. */
const copyFields = {
  time_column: text.optional().meta({ description: 'The column that says when a row came about.' }),
  time_format: z
    .enum(['timestamp', 'timestamptz', 'unix_seconds', 'unix_millis', 'ISO8601', 'date'])
    .optional()
    .meta({ description: 'What the values of `time_column` are. Default: what follows from its type.' }),
  ready_state: z.enum(['on_load', 'on_registration', 'on_schema_resolved']).optional().meta({
    description: 'Whether queries wait for the first load, or read from the source until then. Default: on_load.',
  }),
  on_schema_change: z
    .enum(['block', 'fail', 'append_new_columns', 'sync_all_columns', 'drop_and_recreate'])
    .optional()
    .meta({ description: 'What becomes of the copy when the columns of the source change. Default: block.' }),
};

const dataset: z.ZodObject = z
  .strictObject({
    from: text.meta({ description: '`connector:path`.', examples: ['file:data/orders.csv'] }),
    name: text.meta({ description: TABLE_NAME }),
    description: z.string().optional().meta({ description: 'What the dataset holds.' }),
    params,
    unsupported_type_action: unsupportedTypeAction,
    columns: z
      .array(column)
      .min(1)
      .nullish()
      .meta({ description: 'All columns, in order, instead of having them inferred.' }),
    ...copyFields,
    depends_on: z
      .array(text)
      .nullish()
      .meta({ description: 'Datasets whose first load is awaited before that of this one.' }),
    acceleration: acceleration.optional(),
  })
  .meta({ id: 'dataset' });

const view: z.ZodObject = z
  .strictObject({
    name: text.meta({ description: TABLE_NAME }),
    sql: text.optional().meta({ description: 'The query. Either this or `sql_ref`.' }),
    sql_ref: text.optional().meta({ description: 'A file that holds the query, relative to this file.' }),
    description: z.string().optional().meta({ description: 'What the view shows.' }),
    columns: z
      .array(column)
      .min(1)
      .nullish()
      .meta({ description: 'The columns that the query has to give, in order.' }),
    ...copyFields,
    depends_on: z
      .array(text)
      .nullish()
      .meta({ description: 'Datasets and views that come before this one, beside those that its query reads.' }),
    acceleration: acceleration.optional(),
  })
  .meta({ id: 'view' });

const patterns: z.ZodType = z.array(text).min(1).nullish();

const catalog: z.ZodObject = z
  .strictObject({
    from: text.meta({ description: '`connector` or `connector:path`.', examples: ['postgres'] }),
    name: text.meta({ description: 'First part of the names of its tables: `name.schema.table`.' }),
    description: z.string().optional().meta({ description: 'What the catalog holds.' }),
    include: patterns.meta({
      description: 'Patterns over `schema.table`, `*` for any characters and `?` for one. Default: every table.',
      examples: [['public.*']],
    }),
    exclude: patterns.meta({ description: 'As `include`; it wins.' }),
    params,
    dataset_params: params.meta({ description: 'More parameters of the connector, for the tables.' }),
    unsupported_type_action: unsupportedTypeAction,
  })
  .meta({ id: 'catalog' });

const sqlResults: z.ZodObject = z
  .strictObject({
    enabled: z.boolean().default(true).meta({ description: 'Whether results are kept.' }),
    max_size: text.default('128MiB').meta({ description: 'Bytes of all results together.', examples: ['64MiB'] }),
    item_ttl: text.default('1s').meta({
      description: 'How long after its query began a result is served at most.',
      examples: ['10s', '5m'],
    }),
    eviction_policy: z.enum(['lru']).default('lru').meta({ description: 'Which results give way.' }),
    cache_key_type: z.enum(['sql']).default('sql').meta({ description: 'What makes two statements one.' }),
  })
  .meta({ id: 'sql_results', description: 'Keeps results for statements that are asked again.' });

const caching: z.ZodObject = z
  .strictObject({ sql_results: sqlResults.optional() })
  .meta({ id: 'caching', description: 'What is kept of answers. Default: nothing.' });

const runtime: z.ZodObject = z
  .strictObject({
    dataset_load_parallelism: z
      .int()
      .min(1)
      .optional()
      .meta({ description: 'Most datasets that are refreshed at the same time. Default: no bound.' }),
    memory_limit: text.optional().meta({
      description:
        'Memory of all engines and copies together: a size, or a percentage of what the process may use. Default: 60%.',
      examples: ['2GiB', '50%'],
    }),
    caching: caching.optional(),
  })
  .meta({ id: 'runtime' });

/**
 * The shape of a configuration: which fields there are and of which types. Everything that takes more than one
 * field, or a look into a text, is checked elsewhere. Sections carry their name as `id` for the editor's schema.
 */
export const configSchema: z.ZodObject = z.strictObject({
  version: z.enum(['v1', 'v1beta1']).optional().meta({ description: 'Version of this format.' }),
  kind: z.enum(['Spicepod']).optional().meta({ description: 'Accepted so that the head of a spicepod can stay.' }),
  name: text.optional().meta({ description: 'Name of this configuration, for logs and status.' }),
  runtime: runtime.nullish().meta({ description: 'Settings of the runtime as a whole.' }),
  datasets: z.array(dataset).nullish().meta({ description: 'Tables of sources, each under a name of its own.' }),
  catalogs: z.array(catalog).nullish().meta({ description: 'All tables of a source, as `name.schema.table`.' }),
  views: z.array(view).nullish().meta({ description: 'Named queries over datasets and other views.' }),
});

/** A part of the configuration with fields of its own. */
export type ConfigSection =
  | 'top'
  | 'runtime'
  | 'caching'
  | 'sql_results'
  | 'dataset'
  | 'column'
  | 'acceleration'
  | 'view'
  | 'catalog';

/** The fields of each section. */
export const sectionFields: Readonly<Record<ConfigSection, readonly string[]>> = {
  top: Object.keys(configSchema.shape),
  runtime: Object.keys(runtime.shape),
  caching: Object.keys(caching.shape),
  sql_results: Object.keys(sqlResults.shape),
  dataset: Object.keys(dataset.shape),
  column: Object.keys(column.shape),
  acceleration: Object.keys(acceleration.shape),
  view: Object.keys(view.shape),
  catalog: Object.keys(catalog.shape),
};
