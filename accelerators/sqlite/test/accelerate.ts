import type { CreateTableCommand, DataAccelerator, Schema } from '@millrace/core';
import * as fixtures from '@millrace/test-fixtures';
import { sqliteAccelerator as plugin } from '../src/index.ts';

export { type Accelerated, CONTEXT, refresh, scanAll } from '@millrace/test-fixtures';

/** What {@link accelerate} makes. */
export interface AccelerateRequest {
  readonly folder: string;
  readonly schema: Schema;
  readonly name?: CreateTableCommand['name'];
  readonly mode?: CreateTableCommand['mode'];
  readonly file?: string;
  readonly definitionHash?: string;
  readonly command?: Partial<CreateTableCommand>;
}

export function createAccelerator({
  folder,
  file,
}: Pick<AccelerateRequest, 'folder' | 'file'>): Promise<DataAccelerator> {
  return fixtures.createAccelerator({ plugin, folder, given: { sqlite_file: file } });
}

/** Opens a dataset's table as a host does. */
export function accelerate(request: AccelerateRequest): Promise<fixtures.Accelerated> {
  const { folder, file, command, ...given } = request;
  return fixtures.openAccelerated({ plugin, folder, given: { sqlite_file: file } }, { ...given, ...command });
}
