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
    name: 'memory_limit',
    kind: 'accelerator',
    type: 'bytes',
    description:
      'Memory that loading and reading the copy may take, out of `runtime.memory_limit`: at least 32MiB, the same for all datasets of a file. The copy then lives in an instance of its own and is scanned by queries. Default: the memory of the query engine, in which it is queried in place.',
    examples: ['256MiB'],
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
