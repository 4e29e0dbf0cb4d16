import { AcceleratorLife, createRefuse } from '@millrace/acceleration';
import {
  type AcceleratedTable,
  type AccelerationLayout,
  type AcceleratorContext,
  type BootstrapStatus,
  type Checkpoint,
  type CreateTableCommand,
  type DataAccelerator,
  datasetComponent,
  type Expr,
  type Parameters,
  type ScanContext,
  type Schema,
  type TableProvider,
} from '@millrace/core';
import { readConnectionSettings } from '@millrace/postgres';
import { readCheckpoint } from './checkpoint-table.ts';
import { type FoundTable, openTable, readRows } from './open-table.ts';
import { PostgresTable } from './postgres-table.ts';
import { removeDefinitions } from './remove-definitions.ts';
import type { Store } from './store.ts';
import { acquireStore, type StoreLease } from './store-registry.ts';
import { toStoredSchema } from './stored-schema.ts';
import { datasetKey } from './table-names.ts';

/** Keeps one dataset as a table in a server. */
export class PostgresAccelerator implements DataAccelerator {
  /** The process itself holds nothing. */
  readonly accelerationLayout: AccelerationLayout = { kind: 'memory' };
  readonly #lease: StoreLease;
  readonly #life: AcceleratorLife<FoundTable> = new AcceleratorLife('postgres');
  #table: PostgresTable | undefined;
  #hasLeft = false;

  constructor(parameters: Parameters, { baseDirectory }: AcceleratorContext) {
    const settings = readConnectionSettings(parameters, baseDirectory);
    this.#lease = acquireStore(settings, parameters.string('schema') ?? 'millrace');
  }

  filePath(): undefined {
    return undefined;
  }

  async readCheckpoint(
    command: Pick<CreateTableCommand, 'name' | 'mode'>,
    { signal }: ScanContext,
  ): Promise<Checkpoint | undefined> {
    const use = { component: datasetComponent(command), signal };
    const store = this.#store;
    const rows = await store.own(use, async (session) =>
      (await store.isPrepared(session, use.component)) ? readRows(store, session, datasetKey(command.name)) : [],
    );
    const row = rows.find(({ is_there: isThere }) => isThere);
    return row && readCheckpoint(row).checkpoint;
  }

  async init(command: CreateTableCommand, context: ScanContext): Promise<BootstrapStatus> {
    return (await this.#open(command, context)).status;
  }

  isInitialized(): boolean {
    return this.#life.isOpen;
  }

  storedSchema(command: CreateTableCommand): Schema {
    return toStoredSchema(command);
  }

  async createExternalTable(
    command: CreateTableCommand,
    _source: TableProvider,
    _partitionBy: readonly Expr[],
    context: ScanContext,
  ): Promise<AcceleratedTable> {
    const found = await this.#open(command, context);
    this.#table ??= new PostgresTable(this.#store, command, found);
    return this.#table;
  }

  /** Removes the dataset's rows of every definition, but for those that another process has open. */
  async drop(command: CreateTableCommand, { signal }: ScanContext): Promise<void> {
    const store = this.#store;
    const use = { component: datasetComponent(command), signal };
    await this.#table?.close();
    await this.#leave();
    await store.own(use, async (session) => {
      if (!(await store.isPrepared(session, use.component))) return;
      await removeDefinitions(store, session, { dataset: datasetKey(command.name) });
      await store.sweep(session, use.component);
    });
    await this.shutdown();
  }

  shutdown(): Promise<void> {
    return this.#life.close(async () => {
      await this.#table?.close();
      await this.#leave();
      await this.#lease.release();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  get #store(): Store {
    return this.#lease.store;
  }

  /** Says that this process has the rows open no more. */
  async #leave(): Promise<void> {
    const found = await this.#life.opened();
    if (found === undefined || this.#hasLeft) return;
    this.#hasLeft = true;
    await this.#store.presence.release(this.#table?.names ?? found.names);
  }

  #open(command: CreateTableCommand, context: ScanContext): Promise<FoundTable> {
    return this.#life.open(command, async () => {
      if (command.mode !== 'memory')
        throw createRefuse({ component: datasetComponent(command), connector: 'postgres' })(
          'unsupported',
          `there is no mode ${command.mode}`,
          'Leave acceleration.mode out',
        );
      return await openTable(this.#store, command, context);
    });
  }
}
