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
import { translateFilter } from '@millrace/sql';
import { ScanMetrics, type SqliteValue } from '@millrace/sqlite';
import type { FoundTable } from './open-table.ts';
import { type RefreshMode, SqliteRefresh } from './refresh.ts';
import { planTableScan, toSqlTable } from './scan.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { toStoredSchema } from './stored-schema.ts';
import { storedForms } from './value-forms.ts';

/** Ways of refreshing that a table knows. */
export const REFRESH_MODES: readonly AcceleratedRefresh[] = ['full', 'append', 'changes'];

/** What a table is made from. */
export interface SqliteTableParts {
  readonly command: CreateTableCommand;
  readonly file: SqliteFile;
  readonly found: FoundTable;
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

/** A dataset's rows as a table of SQLite under a view, which a full refresh lets stand for the next version. */
export class SqliteTable implements AcceleratedTable {
  readonly tableType = 'base';
  readonly #parts: SqliteTableParts;
  readonly #component: string;
  readonly #refuse: Refuse;
  readonly #life: TableLife;
  readonly #metrics: ScanMetrics = new ScanMetrics();
  #definition: Definition;
  #current: CurrentVersion;

  constructor(parts: SqliteTableParts) {
    const { command, found } = parts;
    this.#definition = { command, schema: found.schema };
    this.#parts = parts;
    this.#component = datasetComponent(command);
    const origin = { component: this.#component, connector: 'sqlite' };
    this.#refuse = createRefuse(origin);
    this.#life = new TableLife({ ...origin, refreshModes: REFRESH_MODES });
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
    const { file, found } = this.#parts;
    return planTableScan({
      component: this.#component,
      file,
      view: found.names.view,
      schema: this.schema,
      requireSame: this.#life.columnsGuard(),
      rowCount: this.#current.checkpoint?.rowCount ?? 0n,
      metrics: this.#metrics,
      request,
    });
  }

  beginRefresh(request: RefreshRequest, { signal }: ScanContext): Promise<RefreshSession> {
    return this.#life.beginRefresh(request, (onEnd) => this.#begin(request, signal, onEnd));
  }

  /** Aborts a refresh that runs. Idempotent. */
  close(): Promise<void> {
    return this.#life.close();
  }

  async #begin({ mode, redefine }: RefreshRequest, signal: AbortSignal, onEnd: () => void): Promise<SqliteRefresh> {
    const { file, found } = this.#parts;
    const definition = redefine ? { command: redefine, schema: toStoredSchema(redefine) } : this.#definition;
    return await SqliteRefresh.begin({
      component: this.#component,
      ...definition,
      file,
      names: found.names,
      mode: this.#refreshMode(mode),
      current: () => this.#current,
      signal,
      closing: this.#life.closing,
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

  #refreshMode(mode: WriteMode): RefreshMode {
    if (mode.kind !== 'overwrite_where') return { kind: mode.kind === 'changes' ? 'changes' : 'replace' };
    const { found } = this.#parts;
    const conditions: string[] = [];
    const parameters: SqliteValue[] = [];
    for (const filter of mode.filters) {
      const table = toSqlTable(
        { view: found.names.view, schema: this.schema, component: this.#component },
        { filters: [filter] },
      );
      const translated = translateFilter(filter, table);
      // A wider condition would lose rows.
      if (translated?.degree !== 'exact')
        throw this.#refuse(
          'unsupported',
          'the rows that an append refresh replaces cannot be told in this engine',
          'Choose another time column, or refresh in full',
        );
      conditions.push(translated.sql);
      parameters.push(...translated.parameters.map((one) => storedForms.toSqliteValue(one) as SqliteValue));
    }
    const sql = conditions.length === 0 ? 'TRUE' : conditions.map((condition) => `(${condition})`).join(' AND ');
    return { kind: 'merge', where: { sql, parameters } };
  }
}
