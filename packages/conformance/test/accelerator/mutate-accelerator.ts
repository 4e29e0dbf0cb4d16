import type {
  AcceleratedTable,
  AccelerationMode,
  AcceleratorPlugin,
  BatchWriter,
  CreateTableCommand,
  DataAccelerator,
  RecordBatch,
  RefreshRequest,
  RefreshSession,
  ScanContext,
} from '@millrace/core';

/** A broken accelerator, made from the model. */
export interface AcceleratorMutant {
  /** What is wrong with it. */
  readonly name: string;
  /** The checks that have to find it. */
  readonly found: readonly string[];
  readonly mode: AccelerationMode;
  /** Modes of the model that it is made from; default both. */
  readonly modes?: readonly AccelerationMode[];
  readonly mutate: (plugin: AcceleratorPlugin) => AcceleratorPlugin;
}

/** The object with other members; what is not named is as it was. */
export function override<T extends object>(target: T, changes: Partial<T>): T {
  return new Proxy(target, {
    get(_, key) {
      if (key in changes) return Reflect.get(changes, key) as unknown;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Where a mutant is looked for: checks, and the mode in which they run; by the chapter, unless it is told. */
function modeOf(found: readonly string[]): AccelerationMode {
  return found[0]!.startsWith('files/') ? 'file' : 'memory';
}

/** Breaks the plugin. */
export function pluginMutant(
  name: string,
  found: readonly string[],
  mutate: AcceleratorMutant['mutate'],
): AcceleratorMutant {
  return { name, found, mode: modeOf(found), mutate };
}

/** Breaks the accelerator; `again` makes another one like it. */
export function acceleratorMutant(
  name: string,
  found: readonly string[],
  change: (accelerator: DataAccelerator, again: () => Promise<DataAccelerator>) => Partial<DataAccelerator>,
): AcceleratorMutant {
  return pluginMutant(name, found, (plugin) => ({
    ...plugin,
    async create(parameters, context) {
      const again = async (): Promise<DataAccelerator> => plugin.create(parameters, context);
      const accelerator = await again();
      return override(accelerator, change(accelerator, again));
    },
  }));
}

/** Opens another table than the one that is asked for. */
export function commandMutant(
  name: string,
  found: readonly string[],
  change: (command: CreateTableCommand) => CreateTableCommand,
): AcceleratorMutant {
  return acceleratorMutant(name, found, (accelerator) => ({
    init: (command, context) => accelerator.init(change(command), context),
    createExternalTable: (command, source, partitionBy, context) =>
      accelerator.createExternalTable(change(command), source, partitionBy, context),
  }));
}

/** Breaks every table. */
export function acceleratedMutant(
  name: string,
  found: readonly string[],
  change: (
    table: AcceleratedTable,
    opened: { readonly command: CreateTableCommand; readonly accelerator: DataAccelerator },
  ) => Partial<AcceleratedTable> | Promise<Partial<AcceleratedTable>>,
): AcceleratorMutant {
  return acceleratorMutant(name, found, (accelerator) => {
    const tables = new Map<AcceleratedTable, AcceleratedTable>();
    return {
      async createExternalTable(command, source, partitionBy, context) {
        const table = await accelerator.createExternalTable(command, source, partitionBy, context);
        const changed = tables.get(table) ?? override(table, await change(table, { command, accelerator }));
        tables.set(table, changed);
        return changed;
      },
    };
  });
}

/** Begins another refresh than the one that is asked for. */
export function refreshMutant(
  name: string,
  found: readonly string[],
  change: (request: RefreshRequest) => RefreshRequest,
): AcceleratorMutant {
  return acceleratedMutant(name, found, (table) => ({
    beginRefresh: (request, context) => table.beginRefresh(change(request), context),
  }));
}

/** What a refresh works on, for {@link sessionMutant}. */
export interface SessionOf {
  readonly table: AcceleratedTable;
  readonly request: RefreshRequest;
  readonly context: ScanContext;
  readonly accelerator: DataAccelerator;
  readonly command: CreateTableCommand;
}

/** Breaks every refresh. */
export function sessionMutant(
  name: string,
  found: readonly string[],
  change: (session: RefreshSession, of: SessionOf) => Partial<RefreshSession> | Promise<Partial<RefreshSession>>,
): AcceleratorMutant {
  return acceleratedMutant(name, found, (table, opened) => ({
    async beginRefresh(request, context) {
      const session = await table.beginRefresh(request, context);
      return override(session, await change(session, { table, request, context, ...opened }));
    },
  }));
}

/** Breaks every writer. */
export function writerMutant(
  name: string,
  found: readonly string[],
  change: (writer: BatchWriter, session: RefreshSession) => Partial<BatchWriter>,
): AcceleratorMutant {
  return sessionMutant(name, found, (session) => ({
    async writer() {
      const writer = await session.writer();
      return override(writer, change(writer, session));
    },
  }));
}

/** Writes other batches than those that come. */
export function batchMutant(
  name: string,
  found: readonly string[],
  change: (batch: RecordBatch) => RecordBatch | undefined,
): AcceleratorMutant {
  return writerMutant(name, found, (writer) => ({
    async write(batch) {
      const changed = change(batch);
      if (changed !== undefined) await writer.write(changed);
    },
  }));
}
