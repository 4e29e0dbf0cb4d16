import { type AcceleratorPlugin, defineAccelerator } from '@millrace/core';
import { postgresParameters } from './parameters.ts';
import { PostgresAccelerator } from './postgres-accelerator.ts';
import { REFRESH_MODES } from './postgres-table.ts';

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
  refreshModes: REFRESH_MODES,
  canRedefine: true,
  create: (parameters, context) => new PostgresAccelerator(parameters, context),
});
