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
];
