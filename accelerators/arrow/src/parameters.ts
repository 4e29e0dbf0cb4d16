import type { ParameterSpec } from '@millrace/core';

/** The parameters of an accelerated dataset of this engine. */
export const arrowParameters: readonly ParameterSpec[] = [
  {
    name: 'memory_limit',
    kind: 'accelerator',
    type: 'bytes',
    description:
      'Most memory that the rows of the dataset may take. A refresh that needs more fails and the old rows stay. While a refresh runs, old and new rows are in memory together.',
    examples: ['512MiB', '2GB'],
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
