import { constraintsOf, createRefuse, type Refuse, TableLife } from '@millrace/acceleration';
import {
  type AcceleratedRefresh,
  type AcceleratedTable,
  type Checkpoint,
  type Constraint,
  type CreateTableCommand,
  datasetComponent,
  type ExecutionPlan,
  type RefreshRequest,
  type RefreshSession,
  type ScanContext,
  type ScanRequest,
  type Schema,
  type WriteMode,
} from '@millrace/core';
import { encodeParameter } from '@millrace/postgres';
import { translateFilter } from '@millrace/sql';
import { type CheckpointRow, checkpointQuery, readCheckpoint, type StoredCheckpoint } from './checkpoint-table.ts';
import type { FoundTable } from './open-table.ts';
import { PostgresRefresh, type RefreshMode } from './refresh.ts';
import { removeDefinitions } from './remove-definitions.ts';
import { planTableScan } from './scan.ts';
import type { Store } from './store.ts';
import { toStoredTable } from './stored-columns.ts';
import { toStoredSchema } from './stored-schema.ts';
import { type TableNames, tableNames } from './table-names.ts';

/** Ways of refreshing that a table knows. */
export const REFRESH_MODES: readonly AcceleratedRefresh[] = ['full', 'append', 'changes'];

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
  readonly #refuse: Refuse;
  readonly #life: TableLife;
  #definition: Definition;
  #current: StoredCheckpoint | undefined;
  /** Rises whenever something newer is known than what a scan that has begun may tell. */
  #epoch = 0;

  constructor(store: Store, command: CreateTableCommand, { schema, names, stored }: FoundTable) {
    this.#store = store;
    this.#component = datasetComponent(command);
    const origin = { component: this.#component, connector: 'postgres' };
    this.#refuse = createRefuse(origin);
    this.#life = new TableLife({ ...origin, refreshModes: REFRESH_MODES });
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
    this.#life.requireOpen();
    const { schema, names } = this.#definition;
    return planTableScan({
      component: this.#component,
      store: this.#store,
      names,
      schema,
      rowCount: this.#current?.checkpoint.rowCount,
      request,
      closing: this.#life.closing,
      onBegin: () => {
        this.#life.requireOpen();
        const epoch = this.#epoch;
        return (row) => this.#learn(row, names, epoch);
      },
    });
  }

  /** One statement in one round trip, by the key of the checkpoint table. */
  async version({ signal }: ScanContext): Promise<string | undefined> {
    this.#life.requireOpen();
    const { client, schema } = this.#store;
    const { names } = this.#definition;
    const stop = AbortSignal.any([signal, this.#life.closing]);
    const use = { component: this.#component, signal: stop, begin: checkpointQuery(schema, names) };
    const [row] = await client.use(use, async ({ begun }) => begun as readonly CheckpointRow[]);
    return row?.commit_id;
  }

  beginRefresh(request: RefreshRequest, { signal }: ScanContext): Promise<RefreshSession> {
    return this.#life.beginRefresh(request, (onEnd) => this.#begin(request, signal, onEnd));
  }

  /** Aborts a refresh that runs, and ends scans. Idempotent. */
  close(): Promise<void> {
    return this.#life.close();
  }

  async #begin(request: RefreshRequest, signal: AbortSignal, onEnd: () => void): Promise<PostgresRefresh> {
    const mode = this.#refreshMode(request.mode);
    const definition = request.redefine === undefined ? this.#definition : define(request.redefine);
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
        closing: this.#life.closing,
        expects: mode.kind !== 'replace' && this.#current !== undefined ? 'rows' : 'anything',
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
          onEnd();
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
      throw this.#refuse('conflict', 'its columns have changed since the scan was planned', 'Plan it again');
    }
    if (row === undefined && this.#current !== undefined)
      throw this.#refuse('not_found', 'its rows are gone from the server', 'Refresh it');
    if (epoch !== this.#epoch || row === undefined || row.commit_id === this.#current?.commitId) return;
    this.#current = readCheckpoint(row);
  }

  #refreshMode(mode: WriteMode): RefreshMode {
    if (mode.kind !== 'overwrite_where') return { kind: mode.kind === 'changes' ? 'changes' : 'replace' };
    const table = toStoredTable({ schema: this.schema, from: '', component: this.#component });
    const conditions: string[] = [];
    const values: (string | Buffer | null)[] = [];
    for (const filter of mode.filters) {
      const translated = translateFilter(filter, table, values.length + 1);
      // A wider condition would lose rows.
      if (translated?.degree !== 'exact')
        throw this.#refuse(
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
}

function define(command: CreateTableCommand): Definition {
  const schema = toStoredSchema(command);
  return { command, schema, names: tableNames(command, schema) };
}
