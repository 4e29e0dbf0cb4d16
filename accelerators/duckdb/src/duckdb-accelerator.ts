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
  MillraceError,
  type Parameters,
  type Schema,
} from '@millrace/core';
import { acquireCatalog, type CatalogLease } from './catalog-registry.ts';
import { readCheckpoint } from './checkpoint-table.ts';
import { dropTable, removeFile } from './drop-table.ts';
import { DuckDbTable } from './duckdb-table.ts';
import { acquireEngine, type Engine } from './engine.ts';
import { type FoundTable, openTable } from './open-table.ts';
import { toStoredSchema } from './stored-schema.ts';
import { tableNames } from './table-names.ts';

/** What an initialised accelerator holds. */
interface Opened {
  readonly engine: Engine;
  readonly lease: CatalogLease;
  readonly found: FoundTable;
}

/** Keeps one dataset as a table of DuckDB: in the host's own instance where it offers one, else in one that is shared here. */
export class DuckDbAccelerator implements DataAccelerator {
  readonly #parameters: Parameters;
  readonly #context: AcceleratorContext;
  #layout: AccelerationLayout = { kind: 'memory' };
  #opening: Promise<Opened> | undefined;
  #opened: Opened | undefined;
  #table: DuckDbTable | undefined;
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
    if (given === undefined) return join(dataDirectory, `${fileName(command)}.duckdb`);
    return isAbsolute(given) ? given : resolve(baseDirectory, given);
  }

  async init(command: CreateTableCommand): Promise<BootstrapStatus> {
    return (await this.#open(command)).found.status;
  }

  async readCheckpoint(command: Pick<CreateTableCommand, 'name' | 'mode'>): Promise<Checkpoint | undefined> {
    const file = this.filePath(command);
    if (file === undefined || !existsSync(file)) return undefined;
    const engine = await acquireEngine(this.#context.engine);
    try {
      const { catalog, release } = await acquireCatalog({
        database: engine.database,
        file,
        component: datasetComponent(command),
      });
      try {
        const { alias, key } = tableNames(catalog.alias, command.name);
        const row = await engine.database.withConnection((connection) => readCheckpoint(connection, alias, key));
        return row.kind === 'stored' ? row.checkpoint : undefined;
      } finally {
        await release();
      }
    } finally {
      await engine.release();
    }
  }

  isInitialized(): boolean {
    return this.#opened !== undefined;
  }

  storedSchema(command: CreateTableCommand): Schema {
    return toStoredSchema(command);
  }

  async createExternalTable(command: CreateTableCommand): Promise<AcceleratedTable> {
    const { engine, lease, found } = await this.#open(command);
    this.#table ??= new DuckDbTable({
      command,
      catalog: lease.catalog,
      found,
      sortColumns: toColumns(this.#parameters.string('on_refresh_sort_columns')),
      // The table can be queried in place only by whoever owns the instance that it lives in.
      hostEngine: engine.database === this.#context.engine ? engine.database : undefined,
    });
    return this.#table;
  }

  async drop(command: CreateTableCommand): Promise<void> {
    const { lease } = await this.#open(command);
    await this.#table?.close();
    const file = this.filePath(command);
    const rest = file === undefined ? 'holds_others' : await dropTable(lease.catalog, command.name);
    await this.shutdown();
    if (file !== undefined && rest === 'empty' && !this.#parameters.has('file')) await removeFile(file);
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
    await opened?.engine.release();
  }

  #open(command: CreateTableCommand): Promise<Opened> {
    if (this.#closing) throw this.#error(command, 'invalid_state', 'the accelerator is closed', 'Create another one');
    if (command.mode === 'memory' && this.#parameters.has('file'))
      throw this.#error(
        command,
        'invalid_config',
        'duckdb_file is set, and the mode is memory',
        'Set acceleration.mode to file, or leave duckdb_file out',
      );
    this.#opening ??= this.#openOnce(command);
    return this.#opening;
  }

  async #openOnce(command: CreateTableCommand): Promise<Opened> {
    const file = this.filePath(command);
    const engine = await acquireEngine(this.#context.engine);
    try {
      const component = datasetComponent(command);
      const lease = await acquireCatalog({ database: engine.database, file, component });
      try {
        const found = await openTable(lease.catalog, command);
        if (file !== undefined) this.#layout = { kind: 'file', path: file };
        this.#opened = { engine, lease, found };
        return this.#opened;
      } catch (error) {
        await lease.release();
        throw error;
      }
    } catch (error) {
      this.#opening = undefined;
      await engine.release();
      throw error;
    }
  }

  #error(command: CreateTableCommand, code: MillraceError['code'], message: string, hint: string): MillraceError {
    return new MillraceError({ code, component: datasetComponent(command), connector: 'duckdb', message, hint });
  }
}

/** A name that every file system takes; two datasets that come to one share the file without harm. */
function fileName({ name: { schemaName, table } }: Pick<CreateTableCommand, 'name'>): string {
  const name = schemaName === undefined ? table : `${schemaName}.${table}`;
  return name.replace(/[^\w.-]/gu, (character) => `%${character.codePointAt(0)!.toString(16)}`).slice(0, 200);
}

/** The columns of a list `a, "b c"`. */
function toColumns(list: string | undefined): readonly string[] {
  const columns = list?.match(/"(?:[^"]|"")+"|[^\s",](?:[^",]*[^\s",])?/g) ?? [];
  return columns.map((column) => (column.startsWith('"') ? column.slice(1, -1).replaceAll('""', '"') : column));
}
