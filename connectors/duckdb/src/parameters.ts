import type { ParameterSpec } from '@millrace/core';

/** Parameters of DuckDB database files. */
export const duckDbParameters: readonly ParameterSpec[] = [
  {
    name: 'open',
    kind: 'connector',
    type: 'string',
    required: true,
    description: 'Path of the database file, relative to the folder of the configuration file or absolute.',
    examples: ['data/shop.duckdb'],
  },
  {
    name: 'idle_timeout',
    kind: 'connector',
    type: 'duration',
    default: '2s',
    description: 'How long an unused file stays open; no other process can write to it before.',
    examples: ['1m'],
  },
];
