import {
  type AcceleratedTable,
  type Checkpoint,
  type Constraint,
  type CreateTableCommand,
  datasetComponent,
  type ExecutionPlan,
  MillraceError,
  type NativeRelation,
  type RefreshRequest,
  type RefreshSession,
  type ScanContext,
  type ScanRequest,
  type Schema,
} from '@millrace/core';
import type { DuckDbDatabase } from '@millrace/duckdb';
import type { Catalog } from './catalog.ts';
import { deleteCheckpoint } from './checkpoint-table.ts';
import { clusterOrder } from './cluster-order.ts';
import { dropVersions, type FoundTable } from './open-table.ts';
import { DuckDbRefresh } from './refresh.ts';
import { planTableScan } from './scan.ts';
import { toStoredSchema } from './stored-schema.ts';

/** What a table is made from. */
export interface DuckDbTableParts {
  readonly command: CreateTableCommand;
  readonly catalog: Catalog;
  readonly found: FoundTable;
  /** Columns by which loaded rows are sorted. */
  readonly sortColumns: readonly string[];
  /** The host's instance where the table lives in it. */
  readonly hostEngine: DuckDbDatabase | undefined;
}

/** The version that the public name stands for, and its checkpoint once a refresh was committed. */
export interface CurrentVersion {
  readonly version: number;
  readonly checkpoint: Checkpoint | undefined;
}

/** What the table is, and what its readers get. */
interface Definition {
  readonly command: CreateTableCommand;
  readonly schema: Schema;
}

/** A dataset's rows as a table of DuckDB under a view, which a refresh lets stand for the next version. */
export class DuckDbTable implements AcceleratedTable {
  readonly tableType = 'base';
  readonly #parts: DuckDbTableParts;
  readonly #component: string;
  #definition: Definition;
  #current: CurrentVersion;
  /** Rises when the columns are about to change. */
  #epoch = 0;
  #refresh: Promise<DuckDbRefresh> | undefined;
  #isClosed = false;

  constructor(parts: DuckDbTableParts) {
    const { command, found } = parts;
    clusterOrder(command, parts.sortColumns);
    this.#definition = { command, schema: found.schema };
    this.#parts = parts;
    this.#component = datasetComponent(command);
    const checkpoint = found.status.kind === 'ready' ? found.status.checkpoint : undefined;
    this.#current = { version: found.version, checkpoint };
  }

  get schema(): Schema {
    return this.#definition.schema;
  }

  get constraints(): readonly Constraint[] {
    return constraintsOf(this.#definition.command);
  }

  get checkpoint(): Checkpoint | undefined {
    return this.#current.checkpoint;
  }

  scan(request: ScanRequest): ExecutionPlan {
    this.#requireOpen();
    const { catalog, found } = this.#parts;
    return planTableScan({
      component: this.#component,
      database: catalog.database,
      relation: found.names.quoted(found.names.view.table),
      schema: this.schema,
      requireSame: this.#columnsGuard(),
      rowCount: this.#current.checkpoint?.rowCount ?? 0n,
      request,
    });
  }

  nativeRelation(): NativeRelation | undefined {
    this.#requireOpen();
    const { hostEngine, found } = this.#parts;
    if (hostEngine === undefined) return undefined;
    const { alias, schemaName, view } = found.names;
    return { kind: 'engine_table', engine: hostEngine, catalog: alias, schemaName, table: view.table };
  }

  async beginRefresh({ mode, redefine }: RefreshRequest, { signal }: ScanContext): Promise<RefreshSession> {
    this.#requireOpen();
    if (mode.kind !== 'overwrite' && mode.kind !== 'overwrite_where')
      throw this.#error('unsupported', `a refresh cannot ${mode.kind} rows`, 'Use full or append');
    if (redefine && mode.kind !== 'overwrite')
      throw this.#error('unsupported', 'a refresh that keeps rows cannot change the columns', 'Refresh in full');
    if (this.#refresh) throw this.#error('conflict', 'a refresh is running already', 'Wait until it has ended');
    const { catalog, found } = this.#parts;
    const definition = redefine ? { command: redefine, schema: toStoredSchema(redefine) } : this.#definition;
    this.#refresh = DuckDbRefresh.begin({
      component: this.#component,
      ...definition,
      clusterOrder: clusterOrder(definition.command, this.#parts.sortColumns),
      catalog,
      names: found.names,
      // Rows that nobody has to give way to are loaded as if they replaced all.
      mode: this.#current.checkpoint?.rowCount ? mode : { kind: 'overwrite' },
      current: this.#current.version,
      signal,
      onCommitting: () => {
        if (redefine) this.#epoch += 1;
      },
      onCommitted: (current) => {
        this.#definition = definition;
        this.#current = current;
      },
      onEnd: () => {
        this.#refresh = undefined;
      },
    });
    try {
      return await this.#refresh;
    } catch (error) {
      this.#refresh = undefined;
      throw error;
    }
  }

  /** Aborts a refresh that runs; in memory the rows are let go. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const refresh = await this.#refresh?.catch(() => undefined);
    await refresh?.abort();
    const { catalog, found } = this.#parts;
    if (catalog.file !== undefined) return;
    const { names } = found;
    await catalog
      .transaction(async (connection) => {
        await connection.run(`DROP VIEW IF EXISTS ${names.quoted(names.view.table)}`);
        await dropVersions(connection, names, [this.#current.version]);
        await deleteCheckpoint(connection, names);
      })
      // A host that has closed its engine has let the rows go as well.
      .catch(() => undefined);
  }

  /** Throws once the columns may be other ones than now. */
  #columnsGuard(): () => void {
    const epoch = this.#epoch;
    return () => {
      if (epoch !== this.#epoch)
        throw this.#error('conflict', 'its columns have changed since the scan was planned', 'Plan it again');
    };
  }

  #requireOpen(): void {
    if (this.#isClosed) throw this.#error('invalid_state', 'the accelerated table is closed', 'Create it again');
  }

  #error(code: MillraceError['code'], message: string, hint: string): MillraceError {
    return new MillraceError({ code, component: this.#component, connector: 'duckdb', message, hint });
  }
}

function constraintsOf({ primaryKey, indexes }: CreateTableCommand): readonly Constraint[] {
  const unique = (indexes ?? []).filter((index) => index.unique);
  return [
    ...(primaryKey ? [{ kind: 'primary_key' as const, columns: primaryKey, enforced: true }] : []),
    ...unique.map(({ columns }) => ({ kind: 'unique' as const, columns, enforced: true })),
  ];
}
