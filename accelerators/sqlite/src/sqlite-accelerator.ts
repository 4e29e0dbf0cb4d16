import { existsSync } from 'node:fs';
import { AcceleratorLife, FilePlace } from '@millrace/acceleration';
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
import { checkpointQuery, readCheckpoint } from './checkpoint-table.ts';
import { dropTable } from './drop-table.ts';
import { acquireFile, createPrivateFile, type FileLease } from './file-registry.ts';
import { type FoundTable, openTable } from './open-table.ts';
import { SqliteTable } from './sqlite-table.ts';
import { toStoredSchema } from './stored-schema.ts';
import { tableNames } from './table-names.ts';

/** What an initialised accelerator holds. */
interface Opened {
  readonly lease: FileLease;
  readonly found: FoundTable;
}

/** Keeps one dataset as a table of SQLite: in a file that stays, or in one that is gone with the process. */
export class SqliteAccelerator implements DataAccelerator {
  readonly #place: FilePlace;
  readonly #life: AcceleratorLife<Opened> = new AcceleratorLife('sqlite');
  #layout: AccelerationLayout = { kind: 'memory' };
  #table: SqliteTable | undefined;

  constructor(parameters: Parameters, context: AcceleratorContext) {
    this.#place = new FilePlace({ parameters, context, connector: 'sqlite', extension: '.sqlite' });
  }

  get accelerationLayout(): AccelerationLayout {
    return this.#layout;
  }

  filePath(command: Pick<CreateTableCommand, 'name' | 'mode'>): string | undefined {
    return this.#place.pathOf(command);
  }

  async init(command: CreateTableCommand, context: ScanContext): Promise<BootstrapStatus> {
    return (await this.#open(command, context)).found.status;
  }

  async readCheckpoint(
    command: Pick<CreateTableCommand, 'name' | 'mode'>,
    { signal }: ScanContext,
  ): Promise<Checkpoint | undefined> {
    const path = this.filePath(command);
    if (path === undefined || !existsSync(path)) return undefined;
    const component = datasetComponent(command);
    const { file, release } = await acquireFile(path, component);
    try {
      const [rows = []] = await file.rows(component, [checkpointQuery(tableNames(command.name).key)], signal);
      const row = readCheckpoint(rows);
      return row.kind === 'stored' ? row.checkpoint : undefined;
    } finally {
      await release();
    }
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
    const { lease, found } = await this.#open(command, context);
    this.#table ??= new SqliteTable({ command, file: lease.file, found });
    return this.#table;
  }

  async drop(command: CreateTableCommand, context: ScanContext): Promise<void> {
    const { lease } = await this.#open(command, context);
    await this.#table?.close();
    const path = this.filePath(command);
    const rest = path === undefined ? 'holds_others' : await dropTable(lease.file, command, context);
    await this.#close(rest === 'empty' && !this.#place.isNamed ? 'remove' : 'release');
  }

  shutdown(): Promise<void> {
    return this.#close('release');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  #close(how: 'release' | 'remove'): Promise<void> {
    return this.#life.close(async (opened) => {
      await this.#table?.close();
      await opened?.lease[how]();
    });
  }

  #open(command: CreateTableCommand, context: ScanContext): Promise<Opened> {
    return this.#life.open(command, async () => {
      this.#place.requireFileMode(command);
      const path = this.filePath(command);
      const component = datasetComponent(command);
      const lease = path === undefined ? await createPrivateFile(component) : await acquireFile(path, component);
      try {
        const found = await openTable(lease.file, command, context);
        if (path !== undefined) this.#layout = { kind: 'file', path };
        return { lease, found };
      } catch (error) {
        await lease.release();
        throw error;
      }
    });
  }
}
