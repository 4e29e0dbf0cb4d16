import { createMemoryTable } from '@millrace/connector-memory';
import {
  type AcceleratedTable,
  type BootstrapStatus,
  type CreateTableCommand,
  type DataAccelerator,
  type GivenParameter,
  resolveParameters,
  type Schema,
} from '@millrace/core';
import { CONTEXT } from '@millrace/test-fixtures';
import { sqliteAccelerator } from '../src/index.ts';

export { CONTEXT, refresh, scanAll } from '@millrace/test-fixtures';

/** An accelerated table with its accelerator. */
export interface Accelerated {
  readonly accelerator: DataAccelerator;
  readonly status: BootstrapStatus;
  readonly table: AcceleratedTable;
}

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

export async function createAccelerator(request: Pick<AccelerateRequest, 'folder' | 'file'>): Promise<DataAccelerator> {
  const { folder, file } = request;
  const given = new Map<string, GivenParameter>(file === undefined ? [] : [['sqlite_file', { text: file }]]);
  const { parameters: specs, prefix } = sqliteAccelerator;
  const parameters = resolveParameters({ specs, prefix, given, component: 'test', connector: 'sqlite' });
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  return sqliteAccelerator.create(parameters, {
    ...CONTEXT,
    logger,
    baseDirectory: folder,
    dataDirectory: `${folder}/data`,
  });
}

/** Opens a dataset's table as a host does. */
export async function accelerate(request: AccelerateRequest): Promise<Accelerated> {
  const { schema, name = { table: 'orders' }, mode = 'memory', definitionHash = 'h1' } = request;
  const command: CreateTableCommand = { name, schema, mode, definitionHash, refreshMode: 'full', ...request.command };
  const accelerator = await createAccelerator(request);
  try {
    const status = await accelerator.init(command, CONTEXT);
    const source = createMemoryTable({ schema, rows: [] });
    const table = await accelerator.createExternalTable(command, source, [], CONTEXT);
    return { accelerator, status, table };
  } catch (error) {
    await accelerator.shutdown();
    throw error;
  }
}
