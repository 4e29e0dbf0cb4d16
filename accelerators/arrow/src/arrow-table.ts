import { type Predicate, planFilter } from '@millrace/arrow';
import {
  type AcceleratedTable,
  type Checkpoint,
  type Constraint,
  type CreateTableCommand,
  datasetComponent,
  type ExecutionPlan,
  type Expr,
  type MemoryHold,
  MillraceError,
  type NativeRelation,
  type RecordBatch,
  type RefreshRequest,
  type RefreshSession,
  type ScanContext,
  type ScanRequest,
  type Schema,
} from '@millrace/core';
import { ArrowRefresh } from './arrow-refresh.ts';
import { planBatchScan } from './batch-scan.ts';
import type { BlockFilterScope } from './block-filter.ts';
import { type TableRules, tableRules } from './conflict-rule.ts';
import { CopyMemory } from './copy-memory.ts';
import { rowOrder } from './row-order.ts';

/** Limits of one table. */
export interface ArrowTableOptions {
  /** Most bytes that one version may take; undefined for no bound. */
  readonly maxBytes?: number | undefined;
  /** Memory that the host has set aside for the table, which gives it back. */
  readonly hold?: MemoryHold | undefined;
  /** Columns by which loaded rows are sorted. */
  readonly sortColumns?: readonly string[];
}

/** One version of the rows; it never changes. */
export interface Version {
  readonly batches: readonly RecordBatch[];
  readonly rowCount: number;
  readonly byteCount: number;
  readonly checkpoint: Checkpoint | undefined;
}

const EMPTY: Version = { batches: [], rowCount: 0, byteCount: 0, checkpoint: undefined };

/**
 * A table whose rows are record batches in memory, exactly in the types of the source.
 *
 * A version is replaced as a whole by one assignment, so that every scan and every query that runs keeps the one it began with.
 */
export class ArrowTable implements AcceleratedTable {
  readonly tableType = 'base';
  readonly component: string;
  #rules: TableRules;
  #command: CreateTableCommand;
  readonly #memory: CopyMemory;
  readonly #sortColumns: readonly string[];
  #version: Version = EMPTY;
  #refresh: ArrowRefresh | undefined;
  #isClosed = false;

  constructor(command: CreateTableCommand, { maxBytes, hold, sortColumns = [] }: ArrowTableOptions) {
    this.component = datasetComponent(command);
    rowOrder(command, sortColumns);
    this.#sortColumns = sortColumns;
    this.#rules = tableRules(command, this.component);
    this.#command = command;
    this.#memory = new CopyMemory({ component: this.component, maxBytes, hold });
  }

  get schema(): Schema {
    return this.#command.schema;
  }

  get constraints(): readonly Constraint[] {
    return constraintsOf(this.#command);
  }

  get checkpoint(): Checkpoint | undefined {
    return this.#version.checkpoint;
  }

  scan(request: ScanRequest, context: ScanContext): ExecutionPlan | Promise<ExecutionPlan> {
    this.#requireOpen();
    const { component } = this;
    return planBatchScan({ component, scope: filterScope(this.#command), version: this.#version, request }, context);
  }

  /** The batches themselves: the very same array until the next refresh is committed. */
  nativeRelation(): NativeRelation {
    this.#requireOpen();
    return { kind: 'batches', batches: this.#version.batches, scanSkips: true };
  }

  async beginRefresh({ mode, redefine }: RefreshRequest, { signal }: ScanContext): Promise<RefreshSession> {
    this.#requireOpen();
    if (mode.kind !== 'overwrite' && mode.kind !== 'overwrite_where' && mode.kind !== 'changes')
      throw this.#error('unsupported', `a refresh cannot ${mode.kind} rows`, 'Use full, append or changes');
    if (redefine && mode.kind !== 'overwrite')
      throw this.#error('unsupported', 'a refresh that keeps rows cannot change the columns', 'Refresh in full');
    if (mode.kind === 'changes' && this.#rules.primaryKey === undefined)
      throw this.#error('unsupported', 'changes need a primary key, and there is none', 'Declare primary_key');
    const window = mode.kind === 'overwrite_where' ? this.#predicatesOf(mode.filters) : [];
    const command = redefine ?? this.#command;
    const rules = redefine ? tableRules(redefine, this.component) : this.#rules;
    if (this.#refresh) throw this.#error('conflict', 'a refresh is running already', 'Wait until it has ended');
    const refresh = new ArrowRefresh({
      component: this.component,
      schema: command.schema,
      memory: this.#memory,
      rules,
      order: rowOrder(command, this.#sortColumns),
      old: this.#version.batches,
      window,
      content: mode.kind === 'changes' ? 'changes' : 'rows',
      signal,
      publish: (loaded, checkpoint) => {
        this.#requireOpen();
        const { schema, definitionHash } = command;
        this.#command = command;
        this.#rules = rules;
        this.#version = {
          ...loaded,
          checkpoint: { ...checkpoint, schema, definitionHash, rowCount: BigInt(loaded.rowCount) },
        };
      },
      onEnd: async () => {
        this.#refresh = undefined;
        if (!this.#isClosed) await this.#memory.serve(this.#version.byteCount);
      },
    });
    this.#refresh = refresh;
    return refresh;
  }

  /** Lets the rows go; scans that run keep theirs to the end. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#refresh?.abort();
    this.#version = EMPTY;
    await this.#memory.release();
  }

  #predicatesOf(filters: readonly Expr[]): readonly Predicate[] {
    return filters.flatMap((filter) => {
      const { degree, predicates } = planFilter(filter, this.schema);
      if (degree === 'exact') return predicates;
      throw this.#error(
        'unsupported',
        'the rows to be replaced are chosen by a filter that cannot be evaluated exactly',
        'Compare columns with literals of their own types, or refresh in full',
      );
    });
  }

  #requireOpen(): void {
    if (this.#isClosed) throw this.#error('invalid_state', 'the accelerated table is closed', 'Create it again');
  }

  #error(code: MillraceError['code'], message: string, hint: string): MillraceError {
    return new MillraceError({ code, component: this.component, connector: 'arrow', message, hint });
  }
}

function filterScope({ schema, partitionBy = [] }: CreateTableCommand): BlockFilterScope {
  return { schema, partitionBy };
}

function constraintsOf({ primaryKey = [], indexes = [] }: CreateTableCommand): readonly Constraint[] {
  const unique = indexes.filter((index) => index.unique);
  return [
    ...(primaryKey.length > 0 ? [{ kind: 'primary_key' as const, columns: primaryKey, enforced: true }] : []),
    ...unique.map(({ columns }) => ({ kind: 'unique' as const, columns, enforced: true })),
  ];
}
