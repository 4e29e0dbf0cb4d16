import {
  type AcceleratedTable,
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
  readonly engine?: object | undefined;
}

/** Creates an accelerator as a host does. */
export async function createAccelerator({
  plugin,
  given,
  folder,
  engine,
}: AcceleratorRequest): Promise<DataAccelerator> {
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
    ...(engine ? { engine } : {}),
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
    const table = await accelerator.createExternalTable(command, emptySource(command.schema), [], CONTEXT);
    return { accelerator, command, status, table };
  } catch (error) {
    await accelerator.shutdown();
    throw error;
  }
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
