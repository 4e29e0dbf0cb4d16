import { createMemoryTable } from '@millrace/connector-memory';
import {
  type AcceleratedTable,
  type BootstrapStatus,
  type CreateTableCommand,
  type DataAccelerator,
  isMillraceError,
  type MillraceError,
  resolveParameters,
  type Schema,
} from '@millrace/core';
import { CONTEXT } from '@millrace/test-fixtures';
import { expect } from 'vitest';
import { postgresAccelerator } from '../src/index.ts';

export { CONTEXT, refresh, scanAll } from '@millrace/test-fixtures';

/** Parameters as users write them. */
export type Given = Readonly<Record<string, string>>;

/** Parameters for a database of the test's server, which has no TLS. */
export function reach({ connectionString }: { readonly connectionString: string }): Given {
  return { pg_connection_string: connectionString, pg_sslmode: 'disable' };
}

/** An accelerated table with its accelerator. */
export interface Accelerated {
  readonly accelerator: DataAccelerator;
  readonly command: CreateTableCommand;
  readonly status: BootstrapStatus;
  readonly table: AcceleratedTable;
}

/** What {@link accelerate} makes. */
export interface AccelerateRequest {
  readonly given: Given;
  readonly schema: Schema;
  readonly name?: CreateTableCommand['name'];
  readonly definitionHash?: string;
  readonly command?: Partial<CreateTableCommand>;
}

export async function createAccelerator(given: Given): Promise<DataAccelerator> {
  const { parameters: specs, prefix } = postgresAccelerator;
  const parameters = resolveParameters({
    specs,
    prefix,
    given: new Map(Object.entries(given).map(([name, text]) => [name, { text }])),
    component: 'test',
    connector: 'postgres',
  });
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const folder = import.meta.dirname;
  return postgresAccelerator.create(parameters, {
    ...CONTEXT,
    logger,
    baseDirectory: folder,
    dataDirectory: folder,
  });
}

/** Opens a dataset's table as a host does. */
export async function accelerate(request: AccelerateRequest): Promise<Accelerated> {
  const { given, schema, name = { table: 'orders' }, definitionHash = 'h1' } = request;
  const command: CreateTableCommand = {
    name,
    schema,
    mode: 'memory',
    definitionHash,
    refreshMode: 'full',
    ...request.command,
  };
  const accelerator = await createAccelerator(given);
  try {
    const status = await accelerator.init(command, CONTEXT);
    const source = createMemoryTable({ schema, rows: [] });
    const table = await accelerator.createExternalTable(command, source, [], CONTEXT);
    return { accelerator, command, status, table };
  } catch (error) {
    await accelerator.shutdown();
    throw error;
  }
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
