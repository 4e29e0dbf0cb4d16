import { emptyBatch } from '@millrace/arrow';
import {
  type CreateTableCommand,
  type DataAccelerator,
  type ExecutionPlan,
  type Logger,
  resolveParameters,
  type Schema,
  type TableProvider,
} from '@millrace/core';
import { idleContext } from '../open-connector.ts';
import type { Accelerated } from './accelerator-context.ts';
import type { AcceleratorSubject } from './accelerator-subject.ts';

/** What an accelerated table is opened with. */
export interface OpenRequest {
  readonly command: CreateTableCommand;
  readonly parameters: Readonly<Record<string, string>>;
  readonly dataDirectory: string;
  readonly logger: Logger;
}

/** Makes an accelerator and opens its table, as a host does; shuts it down where that fails. */
export async function openAccelerated(subject: AcceleratorSubject, request: OpenRequest): Promise<Accelerated> {
  const { command } = request;
  const accelerator = await createAccelerator(subject, request);
  try {
    const status = await accelerator.init(command, idleContext());
    const source = emptySource(command.schema);
    const table = await accelerator.createExternalTable(command, source, [], idleContext());
    const shutdown = () => accelerator.shutdown();
    return { accelerator, command, status, table, schema: command.schema, shutdown };
  } catch (error) {
    await accelerator.shutdown();
    throw error;
  }
}

/** Makes an accelerator of the subject's plugin with resolved parameters. */
export async function createAccelerator(
  { plugin, engine }: AcceleratorSubject,
  { parameters, dataDirectory, logger }: Omit<OpenRequest, 'command'>,
): Promise<DataAccelerator> {
  const resolved = resolveParameters({
    specs: plugin.parameters,
    prefix: plugin.prefix,
    given: new Map(Object.entries(parameters).map(([name, text]) => [name, { text }])),
    component: 'dataset checked',
    connector: plugin.id,
  });
  return plugin.create(resolved, {
    signal: idleContext().signal,
    logger,
    baseDirectory: dataDirectory,
    dataDirectory,
    ...(engine && { engine }),
  });
}

/** The table at the source; refreshes of the suite bring their rows with them, so that nobody reads it. */
export function emptySource(schema: Schema): TableProvider {
  return {
    schema,
    tableType: 'base',
    scan: ({ projection, filters }): ExecutionPlan => {
      const planned = { fields: projection.map((ordinal) => schema.fields[ordinal]!) };
      return {
        schema: planned,
        applied: { filters: filters.map(() => 'none') },
        partitions: [{ id: 0, detail: null }],
        async *execute() {
          yield emptyBatch(planned);
        },
        explain: () => ({ source: 'a table without rows' }),
      };
    },
  };
}
