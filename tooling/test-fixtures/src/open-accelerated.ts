import {
  type AcceleratedTable,
  type AcceleratorContext,
  type AcceleratorPlugin,
  type BootstrapStatus,
  type CreateTableCommand,
  type DataAccelerator,
  resolveParameters,
  type Schema,
  type TableProvider,
} from '@millrace/core';
import { CONTEXT } from './accelerated-table.ts';

/** An accelerated table with its accelerator. */
export interface Accelerated {
  readonly accelerator: DataAccelerator;
  readonly command: CreateTableCommand;
  readonly status: BootstrapStatus;
  readonly table: AcceleratedTable;
}

/** What an accelerator is made with. */
export interface AcceleratorRequest {
  readonly plugin: AcceleratorPlugin;
  /** Parameters as users write them; those that are undefined are left out. */
  readonly given: Readonly<Record<string, string | undefined>>;
  /** The folder of the configuration; data are in its folder `data`. */
  readonly folder: string;
  /** What the host has beside that. */
  readonly host?: Pick<AcceleratorContext, 'engine' | 'memory'>;
}

/** Creates an accelerator as a host does. */
export async function createAccelerator({ plugin, given, folder, host }: AcceleratorRequest): Promise<DataAccelerator> {
  const { parameters: specs, prefix, id: connector } = plugin;
  const texts = Object.entries(given).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, { text }] as const],
  );
  const parameters = resolveParameters({ specs, prefix, given: new Map(texts), component: 'test', connector });
  return await plugin.create(parameters, {
    ...CONTEXT,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    baseDirectory: folder,
    dataDirectory: `${folder}/data`,
    ...host,
  });
}

/** Opens a dataset's table as a host does. */
export async function openAccelerated(
  request: AcceleratorRequest,
  given: Pick<CreateTableCommand, 'schema'> & Partial<CreateTableCommand>,
): Promise<Accelerated> {
  const command: CreateTableCommand = {
    name: { table: 'orders' },
    mode: 'memory',
    definitionHash: 'h1',
    refreshMode: 'full',
    ...given,
  };
  const accelerator = await createAccelerator(request);
  try {
    const status = await accelerator.init(command, CONTEXT);
    return { accelerator, command, status, table: await openTable(accelerator, command) };
  } catch (error) {
    await accelerator.shutdown();
    throw error;
  }
}

/** Opens the table of an accelerator. */
export function openTable(accelerator: DataAccelerator, command: CreateTableCommand): Promise<AcceleratedTable> {
  return accelerator.createExternalTable(command, emptySource(command.schema), [], CONTEXT);
}

/** Whatever is loaded comes from the tests. */
function emptySource(schema: Schema): TableProvider {
  return {
    schema,
    tableType: 'base',
    scan() {
      throw new TypeError('an accelerator does not read the source by itself');
    },
  };
}
