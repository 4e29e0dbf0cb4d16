import { z } from 'zod';

const text: z.ZodString = z.string().min(1);

const params: z.ZodType = z
  .record(z.string(), z.unknown())
  .nullish()
  .describe(`Parameters by name. Secrets come from \${env:NAME}.`);

const column: z.ZodObject = z.strictObject({
  name: text.describe('Name of the column.'),
  type: text.describe('Type in SQL, for example BIGINT, VARCHAR or DECIMAL(10,2).'),
  nullable: z.boolean().default(true).optional().describe('False promises that the column holds no nulls.'),
  description: z.string().optional(),
});

const acceleration: z.ZodObject = z.strictObject({
  enabled: z.boolean().default(true).optional().describe('Whether the local copy is used.'),
  engine: text.default('arrow').optional().describe('Id of the accelerator that keeps the copy.'),
  mode: z.enum(['memory', 'file']).default('memory').optional().describe('Whether the copy survives the process.'),
  refresh_mode: z.enum(['full']).optional().describe('How the copy is brought up to date.'),
  refresh_check_interval: text
    .optional()
    .describe('Time between refreshes, for example 30s, 5m or 1h. Default: loaded once.'),
  refresh_sql: text.optional().describe('A SELECT over this dataset that says which rows and columns are kept.'),
  params,
});

const dataset: z.ZodObject = z.strictObject({
  from: text.describe('connector:path, for example file:data/orders.csv.'),
  name: text.describe('table or schema.table; a part in double quotes is taken as it is.'),
  description: z.string().optional().describe('What the dataset holds.'),
  params,
  columns: z.array(column).min(1).nullish().describe('All columns, in order, instead of having them inferred.'),
  acceleration: acceleration.optional().describe('Keeps a local copy of the dataset.'),
});

const view: z.ZodObject = z.strictObject({
  name: text.describe('table or schema.table; a part in double quotes is taken as it is.'),
  sql: text.optional().describe('The query. Either this or sql_ref.'),
  sql_ref: text.optional().describe('A file that holds the query, relative to this file.'),
  description: z.string().optional().describe('What the view shows.'),
});

/**
 * The shape of a configuration: which fields there are and of which types. Everything that takes more than one
 * field, or a look into a text, is checked elsewhere.
 */
export const configSchema: z.ZodObject = z.strictObject({
  version: z.enum(['v1', 'v1beta1']).optional().describe('Version of this format.'),
  kind: z.enum(['Spicepod']).optional().describe('Accepted so that the head of a spicepod can stay.'),
  name: text.optional().describe('Name of this configuration, for logs and status.'),
  datasets: z.array(dataset).nullish().describe('Tables of sources, each under a name of its own.'),
  views: z.array(view).nullish().describe('Named queries over datasets and other views.'),
});

/** A part of the configuration with fields of its own. */
export type ConfigSection = 'top' | 'dataset' | 'column' | 'acceleration' | 'view';

/** The fields of each section. */
export const sectionFields: Readonly<Record<ConfigSection, readonly string[]>> = {
  top: Object.keys(configSchema.shape),
  dataset: Object.keys(dataset.shape),
  column: Object.keys(column.shape),
  acceleration: Object.keys(acceleration.shape),
  view: Object.keys(view.shape),
};
