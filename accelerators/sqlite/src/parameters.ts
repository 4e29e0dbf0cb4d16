import type { ParameterSpec } from '@millrace/core';

/** The parameters of an accelerated dataset of this engine. */
export const sqliteParameters: readonly ParameterSpec[] = [
  {
    name: 'file',
    kind: 'accelerator',
    type: 'string',
    description:
      'The database file in mode file, relative to the configuration; several datasets may share one, and are then refreshed one after the other. Default: a file of its own, named after the dataset, in the data directory.',
    examples: ['data/accelerated.sqlite'],
  },
];
