import type { ParameterSpec } from '@millrace/core';

/** The parameters of a dataset or catalog of this connector. */
export const memoryParameters: readonly ParameterSpec[] = [
  {
    name: 'database',
    kind: 'connector',
    type: 'string',
    description: 'The named store of this process in which the table is looked up; see `memoryDatabase(name)`.',
    default: 'default',
    examples: ['default', 'fixtures'],
  },
];
