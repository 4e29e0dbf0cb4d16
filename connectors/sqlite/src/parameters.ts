import type { ParameterSpec } from '@millrace/core';

/** Parameters of SQLite databases. */
export const sqliteParameters: readonly ParameterSpec[] = [
  {
    name: 'file',
    kind: 'connector',
    type: 'string',
    required: true,
    description: 'Path of the database file, relative to the folder of the configuration file or absolute.',
    examples: ['data/shop.sqlite'],
  },
  {
    name: 'busy_timeout',
    kind: 'connector',
    type: 'duration',
    default: '5s',
    description: 'How long to wait for a process that has the database locked.',
    examples: ['30s'],
  },
  {
    name: 'type_conflict',
    kind: 'connector',
    type: 'string',
    default: 'error',
    oneOf: ['error', 'null'],
    description:
      'What to do with a value that the type of its column cannot hold, as SQLite allows; with `null` filters on such columns are not pushed down.',
    examples: ['null'],
  },
];
