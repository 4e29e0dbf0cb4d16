import type { CreateTableCommand, DataAccelerator, Schema } from '@millrace/core';
import type { DuckDbDatabase } from '@millrace/duckdb';
import * as fixtures from '@millrace/test-fixtures';
import { duckdbAccelerator as plugin } from '../src/index.ts';

export { type Accelerated, CONTEXT, refresh, scanAll } from '@millrace/test-fixtures';

/** What an accelerator is made with. */
export interface DuckDbRequest {
  readonly folder: string;
  readonly engine?: DuckDbDatabase | undefined;
  readonly file?: string;
  /** `on_refresh_sort_columns`. */
  readonly sortColumns?: string;
}

/** What {@link accelerate} makes. */
export interface AccelerateRequest extends DuckDbRequest {
  readonly schema: Schema;
  readonly name?: CreateTableCommand['name'];
  readonly mode?: CreateTableCommand['mode'];
  readonly definitionHash?: string;
  readonly command?: Partial<CreateTableCommand>;
}

export function createAccelerator(request: DuckDbRequest): Promise<DataAccelerator> {
  return fixtures.createAccelerator(toRequest(request));
}

/** Opens a dataset's table as a host does. */
export function accelerate(request: AccelerateRequest): Promise<fixtures.Accelerated> {
  const { folder, engine, file, sortColumns, command, ...given } = request;
  return fixtures.openAccelerated(toRequest(request), { ...given, ...command });
}

function toRequest({ folder, engine, file, sortColumns }: DuckDbRequest): fixtures.AcceleratorRequest {
  return {
    plugin,
    folder,
    host: engine ? { engine } : {},
    given: { duckdb_file: file, on_refresh_sort_columns: sortColumns },
  };
}
