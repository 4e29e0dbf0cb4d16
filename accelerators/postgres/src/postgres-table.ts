import {
  type AcceleratedTable,
  type Checkpoint,
  type Constraint,
  type CreateTableCommand,
  datasetComponent,
  type ExecutionPlan,
  MillraceError,
  type RefreshRequest,
  type RefreshSession,
  type ScanContext,
  type ScanRequest,
  type Schema,
  type WriteMode,
} from '@millrace/core';
import { encodeParameter } from '@millrace/postgres';
import { translateFilter } from '@millrace/sql';
import { type CheckpointRow, readCheckpoint, type StoredCheckpoint } from './checkpoint-table.ts';
import type { FoundTable } from './open-table.ts';
import { PostgresRefresh, type RefreshMode } from './refresh.ts';
import { removeDefinitions } from './remove-definitions.ts';
import { planTableScan } from './scan.ts';
import type { Store } from './store.ts';
import { toStoredTable } from './stored-columns.ts';
import { toStoredSchema } from './stored-schema.ts';
import { type TableNames, tableNames } from './table-names.ts';

/** What the table is, and what its readers get. */
interface Definition {
  readonly command: CreateTableCommand;
  readonly schema: Schema;
  readonly names: TableNames;
}

/** A dataset's rows as a table of a server, of which each full refresh makes a new version; other processes may refresh it, too. */
export class PostgresTable implements AcceleratedTable {
  readonly tableType = 'base';
  readonly #store: Store;
  readonly #component: string;
  readonly #closing: AbortController = new AbortController();
  #definition: Definition;
  #current: StoredCheckpoint | undefined;
  /** Rises whenever something newer is known than what a scan that has begun may tell. */
  #epoch = 0;
  #refresh: Promise<PostgresRefresh> | undefined;
  #isClosed = false;

  constructor(store: Store, command: CreateTableCommand, { schema, names, stored }: FoundTable) {
    this.#store = store;
    this.#component = datasetComponent(command);
    this.#definition = { command, schema, names };
    this.#current = stored;
  }

  get schema(): Schema {
    return this.#definition.schema;
  }

  get constraints(): readonly Constraint[] {
    return constraintsOf(this.#definition.command);
  }

  get checkpoint(): Checkpoint | undefined {
    return this.#current?.checkpoint;
  }

  /** Under what this process has the rows open now. */
  get names(): TableNames {
    return this.#definition.names;
  }

  scan(request: ScanRequest): ExecutionPlan {
    this.#requireOpen();
    const { schema, names } = this.#definition;
    return planTableScan({
      component: this.#component,
      store: this.#store,
      names,
      schema,
      rowCount: this.#current?.checkpoint.rowCount,
      request,
      closing: this.#closing.signal,
      onBegin: () => {
        this.#requireOpen();
        const epoch = this.#epoch;
        return (row) => this.#learn(row, names, epoch);
      },
    });
  }

  async beginRefresh({ mode, redefine }: RefreshRequest, { signal }: ScanContext): Promise<RefreshSession> {
    this.#requireOpen();
    if (redefine && mode.kind !== 'overwrite')
      throw this.#error('unsupported', 'a refresh that keeps rows cannot change the columns', 'Refresh in full');
    const refreshMode = this.#refreshMode(mode);
    if (this.#refresh) throw this.#error('conflict', 'a refresh is running already', 'Wait until it has ended');
    this.#refresh = this.#begin(refreshMode, redefine === undefined ? this.#definition : define(redefine), signal);
    try {
      return await this.#refresh;
    } catch (error) {
      this.#refresh = undefined;
      throw error;
    }
  }

  /** Aborts a refresh that runs, and ends scans. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closing.abort();
    const refresh = await this.#refresh?.catch(() => undefined);
    await refresh?.abort();
  }

  async #begin(mode: RefreshMode, definition: Definition, signal: AbortSignal): Promise<PostgresRefresh> {
    const before = this.#definition;
    const store = this.#store;
    const use = { component: this.#component, signal };
    if (definition !== before) await store.presence.hold(definition.names, use);
    try {
      return await PostgresRefresh.begin({
        component: this.#component,
        ...definition,
        store,
        mode,
        signal,
        closing: this.#closing.signal,
        expects: mode.kind === 'merge' && this.#current !== undefined ? 'rows' : 'anything',
        onFound: (stored) => {
          if (definition === before) this.#set(stored);
        },
        onCommitted: async (stored, session) => {
          this.#definition = definition;
          this.#set(stored);
          if (definition !== before) await store.presence.release(before.names);
          const { dataset, definition: except } = definition.names;
          // Rows of other definitions are in nobody's way: the next refresh tries again.
          await removeDefinitions(store, session, { dataset, except }).catch(() => undefined);
          await store.sweep(session, this.#component);
        },
        onEnd: () => {
          this.#refresh = undefined;
          if (definition !== before && this.#definition !== definition) void store.presence.release(definition.names);
        },
      });
    } catch (error) {
      if (definition !== before) await store.presence.release(definition.names);
      throw error;
    }
  }

  #set(stored: StoredCheckpoint | undefined): void {
    this.#epoch += 1;
    this.#current = stored;
  }

  /** @throws MillraceError `not_found` where rows have been and are no more. */
  #learn(row: CheckpointRow | undefined, names: TableNames, epoch: number): void {
    if (names !== this.#definition.names) {
      if (row !== undefined) return;
      throw this.#error('conflict', 'its columns have changed since the scan was planned', 'Plan it again');
    }
    if (row === undefined && this.#current !== undefined)
      throw this.#error('not_found', 'its rows are gone from the server', 'Refresh it');
    if (epoch !== this.#epoch || row === undefined || row.commit_id === this.#current?.commitId) return;
    this.#current = readCheckpoint(row);
  }

  #refreshMode(mode: WriteMode): RefreshMode {
    if (mode.kind === 'overwrite') return { kind: 'replace' };
    if (mode.kind !== 'overwrite_where')
      throw this.#error('unsupported', `a refresh cannot ${mode.kind} rows`, 'Use full or append');
    const table = toStoredTable({ schema: this.schema, from: '', component: this.#component });
    const conditions: string[] = [];
    const values: (string | Buffer | null)[] = [];
    for (const filter of mode.filters) {
      const translated = translateFilter(filter, table, values.length + 1);
      // A wider condition would lose rows.
      if (translated?.degree !== 'exact')
        throw this.#error(
          'unsupported',
          'the rows that an append refresh replaces cannot be told in this engine',
          'Choose another time column, or refresh in full',
        );
      conditions.push(`(${translated.sql})`);
      values.push(...translated.parameters.map((one) => encodeParameter(one, table.formOf(one)!)));
    }
    const sql = conditions.length === 0 ? 'TRUE' : conditions.join(' AND ');
    return { kind: 'merge', where: { sql, values } };
  }

  #requireOpen(): void {
    if (this.#isClosed) throw this.#error('invalid_state', 'the accelerated table is closed', 'Create it again');
  }

  #error(code: MillraceError['code'], message: string, hint: string): MillraceError {
    return new MillraceError({ code, component: this.#component, connector: 'postgres', message, hint });
  }
}

function define(command: CreateTableCommand): Definition {
  const schema = toStoredSchema(command);
  return { command, schema, names: tableNames(command, schema) };
}

function constraintsOf({ primaryKey, indexes }: CreateTableCommand): readonly Constraint[] {
  const unique = (indexes ?? []).filter((index) => index.unique);
  return [
    ...(primaryKey ? [{ kind: 'primary_key' as const, columns: primaryKey, enforced: true }] : []),
    ...unique.map(({ columns }) => ({ kind: 'unique' as const, columns, enforced: true })),
  ];
}
