import { constraintsOf, TableLife } from '@millrace/acceleration';
import {
  type AcceleratedRefresh,
  type AcceleratedTable,
  type Checkpoint,
  type Constraint,
  type CreateTableCommand,
  datasetComponent,
  type ExecutionPlan,
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
import type { RefreshWrite } from './staged-rows.ts';
import { toStoredSchema } from './stored-schema.ts';

/** Ways of refreshing that a table knows. */
export const REFRESH_MODES: readonly AcceleratedRefresh[] = ['full', 'append', 'changes'];

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
  readonly #life: TableLife;
  #definition: Definition;
  #current: CurrentVersion;

  constructor(parts: DuckDbTableParts) {
    const { command, found } = parts;
    clusterOrder(command, parts.sortColumns);
    this.#definition = { command, schema: found.schema };
    this.#parts = parts;
    this.#component = datasetComponent(command);
    this.#life = new TableLife({ component: this.#component, connector: 'duckdb', refreshModes: REFRESH_MODES });
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
    this.#life.requireOpen();
    const { catalog, found } = this.#parts;
    return planTableScan({
      component: this.#component,
      database: catalog.database,
      relation: found.names.quoted(found.names.view.table),
      schema: this.schema,
      requireSame: this.#life.columnsGuard(),
      rowCount: this.#current.checkpoint?.rowCount ?? 0n,
      request,
    });
  }

  nativeRelation(): NativeRelation | undefined {
    this.#life.requireOpen();
    const { hostEngine, found } = this.#parts;
    if (hostEngine === undefined) return undefined;
    const { alias, schemaName, view } = found.names;
    return { kind: 'engine_table', engine: hostEngine, catalog: alias, schemaName, table: view.table };
  }

  beginRefresh(request: RefreshRequest, { signal }: ScanContext): Promise<RefreshSession> {
    return this.#life.beginRefresh(request, (onEnd) => this.#begin(request, signal, onEnd));
  }

  /** Aborts a refresh that runs; in memory the rows are let go. Idempotent. */
  close(): Promise<void> {
    return this.#life.close(() => this.#release());
  }

  #begin({ mode, redefine }: RefreshRequest, signal: AbortSignal, onEnd: () => void): Promise<DuckDbRefresh> {
    const { catalog, found, sortColumns } = this.#parts;
    const definition = redefine ? { command: redefine, schema: toStoredSchema(redefine) } : this.#definition;
    return DuckDbRefresh.begin({
      component: this.#component,
      ...definition,
      clusterOrder: clusterOrder(definition.command, sortColumns),
      catalog,
      names: found.names,
      mode: this.#writeOf(mode),
      current: this.#current.version,
      signal,
      onCommitting: () => {
        if (redefine) this.#life.beginChange();
      },
      onCommitted: (current) => {
        this.#definition = definition;
        this.#current = current;
        if (redefine) this.#life.endChange();
      },
      onEnd,
    });
  }

  #writeOf(mode: RefreshRequest['mode']): RefreshWrite {
    if (mode.kind === 'changes') return mode;
    // Rows that nobody has to give way to are loaded as if they replaced all.
    return this.#current.checkpoint?.rowCount && mode.kind === 'overwrite_where' ? mode : { kind: 'overwrite' };
  }

  async #release(): Promise<void> {
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
}
