import type { ParameterSpec } from '@millrace/core';

/** The parameters of an accelerated dataset of this engine. */
export const duckdbParameters: readonly ParameterSpec[] = [
  {
    name: 'file',
    kind: 'accelerator',
    type: 'string',
    description:
      'The database file in mode file, relative to the configuration; several datasets may share one. Default: a file of its own, named after the dataset, in the data directory.',
    examples: ['data/accelerated.duckdb'],
  },
  {
    name: 'on_refresh_sort_columns',
    kind: 'runtime',
    type: 'string',
    description:
      'Columns by which the rows are sorted when all of them are loaded, within partitions, so that a filter on the first of them skips what it rules out. Rows that are appended are sorted among themselves.',
    examples: ['customer_id, ordered_at'],
  },
];
