import { type AcceleratorPlugin, defineAccelerator } from '@millrace/core';
import { postgresParameters } from './parameters.ts';
import { PostgresAccelerator } from './postgres-accelerator.ts';

/**
 * The accelerator that keeps a dataset as a table in a PostgreSQL server, which many processes may share: `engine: postgres`. The process itself
 * keeps nothing, so that there is one mode; what is in the server stays there.
 */
export const postgresAccelerator: AcceleratorPlugin = defineAccelerator({
  id: 'postgres',
  prefix: 'pg',
  parameters: postgresParameters,
  modes: ['memory'],
  validFileExtensions: [],
  refreshModes: ['full', 'append'],
  canRedefine: true,
  create: (parameters, context) => new PostgresAccelerator(parameters, context),
});
