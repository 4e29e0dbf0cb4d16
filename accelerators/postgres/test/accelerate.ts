import {
  type CreateTableCommand,
  type DataAccelerator,
  isMillraceError,
  type MillraceError,
  type Schema,
} from '@millrace/core';
import * as fixtures from '@millrace/test-fixtures';
import { expect } from 'vitest';
import { postgresAccelerator as plugin } from '../src/index.ts';

export { type Accelerated, CONTEXT, refresh, scanAll } from '@millrace/test-fixtures';

/** Parameters as users write them. */
export type Given = Readonly<Record<string, string>>;

/** Parameters for a database of the test's server, which has no TLS. */
export function reach({ connectionString }: { readonly connectionString: string }): Given {
  return { pg_connection_string: connectionString, pg_sslmode: 'disable' };
}

/** What {@link accelerate} makes. */
export interface AccelerateRequest {
  readonly given: Given;
  readonly schema: Schema;
  readonly name?: CreateTableCommand['name'];
  readonly definitionHash?: string;
  readonly command?: Partial<CreateTableCommand>;
}

export function createAccelerator(given: Given): Promise<DataAccelerator> {
  return fixtures.createAccelerator({ plugin, given, folder: import.meta.dirname });
}

/** Opens a dataset's table as a host does. */
export function accelerate({ given, command, ...rest }: AccelerateRequest): Promise<fixtures.Accelerated> {
  return fixtures.openAccelerated({ plugin, given, folder: import.meta.dirname }, { ...rest, ...command });
}

/** The Millrace error that something must fail with. */
export async function errorOf(work: () => Promise<unknown>): Promise<MillraceError> {
  try {
    await work();
  } catch (error) {
    if (isMillraceError(error)) return error;
    throw error;
  }
  return expect.fail('nothing failed');
}
