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
import { translateFilter } from '@millrace/sql';
import { ScanMetrics, type SqliteValue } from '@millrace/sqlite';
import type { FoundTable } from './open-table.ts';
import { type RefreshMode, SqliteRefresh } from './refresh.ts';
import { planTableScan, toSqlTable } from './scan.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { toStoredSchema } from './stored-schema.ts';
import { storedForms } from './value-forms.ts';

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
  readonly #metrics: ScanMetrics = new ScanMetrics();
  #definition: Definition;
  #current: CurrentVersion;
  /** Rises when the columns are about to change. */
  #epoch = 0;
  #refresh: Promise<SqliteRefresh> | undefined;
  #isClosed = false;

  constructor(parts: SqliteTableParts) {
    const { command, found } = parts;
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
    const { file, found } = this.#parts;
    return planTableScan({
      component: this.#component,
      file,
      view: found.names.view,
      schema: this.schema,
      requireSame: this.#columnsGuard(),
      rowCount: this.#current.checkpoint?.rowCount ?? 0n,
      metrics: this.#metrics,
      request,
    });
  }

  async beginRefresh({ mode, redefine }: RefreshRequest, { signal }: ScanContext): Promise<RefreshSession> {
    this.#requireOpen();
    if (redefine && mode.kind !== 'overwrite')
      throw this.#error('unsupported', 'a refresh that keeps rows cannot change the columns', 'Refresh in full');
    const refreshMode = this.#refreshMode(mode);
    if (this.#refresh) throw this.#error('conflict', 'a refresh is running already', 'Wait until it has ended');
    const { file, found } = this.#parts;
    const definition = redefine ? { command: redefine, schema: toStoredSchema(redefine) } : this.#definition;
    this.#refresh = SqliteRefresh.begin({
      component: this.#component,
      ...definition,
      file,
      names: found.names,
      mode: refreshMode,
      current: () => this.#current,
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

  /** Aborts a refresh that runs. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const refresh = await this.#refresh?.catch(() => undefined);
    await refresh?.abort();
  }

  #refreshMode(mode: WriteMode): RefreshMode {
    if (mode.kind === 'overwrite') return { kind: 'replace' };
    if (mode.kind !== 'overwrite_where')
      throw this.#error('unsupported', `a refresh cannot ${mode.kind} rows`, 'Use full or append');
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
        throw this.#error(
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
    return new MillraceError({ code, component: this.#component, connector: 'sqlite', message, hint });
  }
}

function constraintsOf({ primaryKey, indexes }: CreateTableCommand): readonly Constraint[] {
  const unique = (indexes ?? []).filter((index) => index.unique);
  return [
    ...(primaryKey ? [{ kind: 'primary_key' as const, columns: primaryKey, enforced: true }] : []),
    ...unique.map(({ columns }) => ({ kind: 'unique' as const, columns, enforced: true })),
  ];
}
