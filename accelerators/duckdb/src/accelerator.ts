import { type AcceleratorPlugin, defineAccelerator } from '@millrace/core';
import { DuckDbAccelerator } from './duckdb-accelerator.ts';
import { REFRESH_MODES } from './duckdb-table.ts';
import { duckdbParameters } from './parameters.ts';

/** The accelerator that keeps a dataset as a DuckDB table, in memory or in a file: `engine: duckdb`. */
export const duckdbAccelerator: AcceleratorPlugin = defineAccelerator({
  id: 'duckdb',
  prefix: 'duckdb',
  parameters: duckdbParameters,
  modes: ['memory', 'file'],
  refreshModes: REFRESH_MODES,
  canRedefine: true,
  canPartition: true,
  validFileExtensions: ['.duckdb', '.ddb', '.db'],
  create: (parameters, context) => new DuckDbAccelerator(parameters, context),
});
