import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
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
  MillraceError,
  type Parameters,
  type ScanContext,
  type Schema,
  type TableProvider,
} from '@millrace/core';
import { checkpointQuery, readCheckpoint } from './checkpoint-table.ts';
import { dropTable, removeFile } from './drop-table.ts';
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
  readonly #parameters: Parameters;
  readonly #context: AcceleratorContext;
  #layout: AccelerationLayout = { kind: 'memory' };
  #opening: Promise<Opened> | undefined;
  #opened: Opened | undefined;
  #table: SqliteTable | undefined;
  #closing: Promise<void> | undefined;

  constructor(parameters: Parameters, context: AcceleratorContext) {
    this.#parameters = parameters;
    this.#context = context;
  }

  get accelerationLayout(): AccelerationLayout {
    return this.#layout;
  }

  filePath(command: Pick<CreateTableCommand, 'name' | 'mode'>): string | undefined {
    if (command.mode === 'memory') return undefined;
    const { dataDirectory, baseDirectory } = this.#context;
    const given = this.#parameters.string('file');
    if (given === undefined) return join(dataDirectory, `${fileName(command)}.sqlite`);
    return isAbsolute(given) ? given : resolve(baseDirectory, given);
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
    return this.#opened !== undefined;
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
    const rest = path === undefined ? 'holds_others' : await dropTable(lease.file, command);
    await this.shutdown();
    if (path !== undefined && rest === 'empty' && !this.#parameters.has('file')) await removeFile(path);
  }

  shutdown(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  async #close(): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    this.#opened = undefined;
    await this.#table?.close();
    await opened?.lease.release();
  }

  #open(command: CreateTableCommand, context: ScanContext): Promise<Opened> {
    if (this.#closing) throw this.#error(command, 'invalid_state', 'the accelerator is closed', 'Create another one');
    if (command.mode === 'memory' && this.#parameters.has('file'))
      throw this.#error(
        command,
        'invalid_config',
        'sqlite_file is set, and the mode is memory',
        'Set acceleration.mode to file, or leave sqlite_file out',
      );
    this.#opening ??= this.#openOnce(command, context);
    return this.#opening;
  }

  async #openOnce(command: CreateTableCommand, context: ScanContext): Promise<Opened> {
    const path = this.filePath(command);
    const component = datasetComponent(command);
    try {
      const lease = path === undefined ? await createPrivateFile(component) : await acquireFile(path, component);
      try {
        const found = await openTable(lease.file, command, context);
        if (path !== undefined) this.#layout = { kind: 'file', path };
        this.#opened = { lease, found };
        return this.#opened;
      } catch (error) {
        await lease.release();
        throw error;
      }
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  #error(command: CreateTableCommand, code: MillraceError['code'], message: string, hint: string): MillraceError {
    return new MillraceError({ code, component: datasetComponent(command), connector: 'sqlite', message, hint });
  }
}

/** A name that every file system takes; two datasets that come to one share the file without harm. */
function fileName({ name: { schemaName, table } }: Pick<CreateTableCommand, 'name'>): string {
  const name = schemaName === undefined ? table : `${schemaName}.${table}`;
  return name.replace(/[^\w.-]/gu, (character) => `%${character.codePointAt(0)!.toString(16)}`).slice(0, 200);
}
