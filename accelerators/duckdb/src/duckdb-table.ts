import {
  type AcceleratedTable,
  type Checkpoint,
  type Constraint,
  type CreateTableCommand,
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
import { componentOf } from './component.ts';
import { dropVersions, type FoundTable } from './open-table.ts';
import { DuckDbRefresh } from './refresh.ts';
import { planTableScan } from './scan.ts';

/** What a table is made from. */
export interface DuckDbTableParts {
  readonly command: CreateTableCommand;
  readonly catalog: Catalog;
  readonly found: FoundTable;
  /** The host's instance where the table lives in it. */
  readonly hostEngine: DuckDbDatabase | undefined;
}

/** The version that the public name stands for, and its checkpoint once a refresh was committed. */
export interface CurrentVersion {
  readonly version: number;
  readonly checkpoint: Checkpoint | undefined;
}

/** A dataset's rows as a table of DuckDB under a view, which a refresh lets stand for the next version. */
export class DuckDbTable implements AcceleratedTable {
  readonly schema: Schema;
  readonly tableType = 'base';
  readonly constraints: readonly Constraint[];
  readonly #parts: DuckDbTableParts;
  readonly #component: string;
  #current: CurrentVersion;
  #refresh: Promise<DuckDbRefresh> | undefined;
  #isClosed = false;

  constructor(parts: DuckDbTableParts) {
    const { command, found } = parts;
    this.schema = found.schema;
    this.constraints = constraintsOf(command);
    this.#parts = parts;
    this.#component = componentOf(command);
    const checkpoint = found.status.kind === 'ready' ? found.status.checkpoint : undefined;
    this.#current = { version: found.version, checkpoint };
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

  async beginRefresh({ mode }: RefreshRequest, { signal }: ScanContext): Promise<RefreshSession> {
    this.#requireOpen();
    if (mode.kind !== 'overwrite' && mode.kind !== 'overwrite_where')
      throw this.#error('unsupported', `a refresh cannot ${mode.kind} rows`, 'Use full or append');
    if (this.#refresh) throw this.#error('conflict', 'a refresh is running already', 'Wait until it has ended');
    const { command, catalog, found } = this.#parts;
    this.#refresh = DuckDbRefresh.begin({
      component: this.#component,
      command,
      catalog,
      names: found.names,
      schema: this.schema,
      // Rows that nobody has to give way to are loaded as if they replaced all.
      mode: this.#current.checkpoint?.rowCount ? mode : { kind: 'overwrite' },
      current: this.#current.version,
      signal,
      onCommitted: (current) => {
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
