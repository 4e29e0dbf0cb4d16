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
  type Parameters,
  type Schema,
} from '@millrace/core';
import { acquireCatalog, type CatalogLease } from './catalog-registry.ts';
import { readCheckpoint } from './checkpoint-table.ts';
import { dropTable } from './drop-table.ts';
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
  readonly #place: FilePlace;
  readonly #life: AcceleratorLife<Opened> = new AcceleratorLife('duckdb');
  #layout: AccelerationLayout = { kind: 'memory' };
  #table: DuckDbTable | undefined;

  constructor(parameters: Parameters, context: AcceleratorContext) {
    this.#parameters = parameters;
    this.#context = context;
    this.#place = new FilePlace({ parameters, context, connector: 'duckdb', extension: '.duckdb' });
  }

  get accelerationLayout(): AccelerationLayout {
    return this.#layout;
  }

  filePath(command: Pick<CreateTableCommand, 'name' | 'mode'>): string | undefined {
    return this.#place.pathOf(command);
  }

  async init(command: CreateTableCommand): Promise<BootstrapStatus> {
    return (await this.#open(command)).found.status;
  }

  async readCheckpoint(command: Pick<CreateTableCommand, 'name' | 'mode'>): Promise<Checkpoint | undefined> {
    const file = this.filePath(command);
    if (file === undefined || !existsSync(file)) return undefined;
    const engine = await this.#acquireEngine(command, file);
    try {
      const { catalog, release } = await acquireCatalog({
        database: engine.database,
        file,
        component: datasetComponent(command),
      });
      try {
        const names = tableNames(catalog.alias, command.name);
        const row = await engine.database.withConnection((connection) => readCheckpoint(connection, names));
        return row.kind === 'stored' ? row.checkpoint : undefined;
      } finally {
        await release();
      }
    } finally {
      await engine.release();
    }
  }

  isInitialized(): boolean {
    return this.#life.isOpen;
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
    if (file !== undefined) await dropTable(lease.catalog, command.name);
    await this.#close(file === undefined || this.#place.isNamed ? 'release' : 'remove');
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
      await opened?.engine.release();
    });
  }

  #acquireEngine(command: Pick<CreateTableCommand, 'name'>, file: string | undefined): Promise<Engine> {
    const { engine: offered, memory } = this.#context;
    const limitBytes = this.#parameters.number('memory_limit');
    return acquireEngine({ offered, memory, file, limitBytes, component: datasetComponent(command) });
  }

  #open(command: CreateTableCommand): Promise<Opened> {
    return this.#life.open(command, () => this.#openOnce(command));
  }

  async #openOnce(command: CreateTableCommand): Promise<Opened> {
    this.#place.requireFileMode(command);
    const file = this.filePath(command);
    const engine = await this.#acquireEngine(command, file);
    try {
      const component = datasetComponent(command);
      const lease = await acquireCatalog({ database: engine.database, file, component });
      try {
        const found = await openTable(lease.catalog, command);
        if (file !== undefined) this.#layout = { kind: 'file', path: file };
        return { engine, lease, found };
      } catch (error) {
        await lease.release();
        throw error;
      }
    } catch (error) {
      await engine.release();
      throw error;
    }
  }
}

/** The columns of a list `a, "b c"`. */
function toColumns(list: string | undefined): readonly string[] {
  const columns = list?.match(/"(?:[^"]|"")+"|[^\s",](?:[^",]*[^\s",])?/g) ?? [];
  return columns.map((column) => (column.startsWith('"') ? column.slice(1, -1).replaceAll('""', '"') : column));
}
