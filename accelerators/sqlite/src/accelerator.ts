import { type AcceleratorPlugin, defineAccelerator } from '@millrace/core';
import { sqliteParameters } from './parameters.ts';
import { SqliteAccelerator } from './sqlite-accelerator.ts';
import { REFRESH_MODES } from './sqlite-table.ts';

/** The accelerator that keeps a dataset as a SQLite table, in a file or for the life of the process: `engine: sqlite`. */
export const sqliteAccelerator: AcceleratorPlugin = defineAccelerator({
  id: 'sqlite',
  prefix: 'sqlite',
  parameters: sqliteParameters,
  modes: ['memory', 'file'],
  validFileExtensions: ['.sqlite', '.sqlite3', '.db'],
  refreshModes: REFRESH_MODES,
  canRedefine: true,
  create: (parameters, context) => new SqliteAccelerator(parameters, context),
});
