import { checkChanges, concatBatches, emptyBatch, fieldsEqual } from '@millrace/arrow';
import { createMemoryTable } from '@millrace/connector-memory';
import {
  type AcceleratedTable,
  type BatchWriter,
  type Checkpoint,
  cancelledError,
  changeSchema,
  type ExecutionPlan,
  type Expr,
  type RecordBatch,
  type RefreshRequest,
  type RefreshSession,
  type ScanContext,
  type ScanRequest,
  type TableProvider,
} from '@millrace/core';
import { mergeRows } from './merge-rows.ts';
import type { ModelParts } from './model-accelerator.ts';
import { modelFailure } from './model-failure.ts';
import { type StoredVersion, writeVersion } from './model-file.ts';

/** A table whose version is replaced as a whole. */
export class ModelTable implements AcceleratedTable {
  /** An own property, as mutants spread tables. */
  schema: ModelParts['command']['schema'];
  readonly tableType = 'base';
  readonly #parts: ModelParts;
  #command: ModelParts['command'];
  #version: StoredVersion;
  #reader: TableProvider;
  #running: RefreshSession | undefined;
  #isClosed = false;

  constructor(parts: ModelParts, version: StoredVersion) {
    this.schema = parts.command.schema;
    this.#parts = parts;
    this.#command = parts.command;
    this.#version = version;
    this.#reader = this.#read(version.batch);
  }

  get checkpoint(): Checkpoint | undefined {
    return this.#version.checkpoint;
  }

  async scan(request: ScanRequest, context: ScanContext): Promise<ExecutionPlan> {
    this.#requireOpen();
    const { primaryKey, indexes = [] } = this.#command;
    const compared = new Set(request.filters.flatMap((filter) => comparedColumn(filter) ?? []));
    const keys = [...(primaryKey ? [primaryKey] : []), ...indexes.map(({ columns }) => columns)];
    const used = keys.filter((columns) => columns.every((column) => compared.has(column))).map(String);
    return { ...(await this.#reader.scan(request, context)), indexesUsed: async () => used };
  }

  async beginRefresh({ mode, redefine }: RefreshRequest, { signal }: ScanContext): Promise<RefreshSession> {
    this.#requireOpen();
    if (signal.aborted) throw cancelledError('model', signal);
    if (mode.kind !== 'overwrite' && mode.kind !== 'overwrite_where' && mode.kind !== 'changes')
      throw modelFailure('unsupported', `a refresh cannot ${mode.kind}`);
    if (mode.kind === 'changes' && this.#command.primaryKey === undefined)
      throw modelFailure('unsupported', 'changes need a primary key');
    if (redefine && mode.kind !== 'overwrite') throw modelFailure('unsupported', 'rows that stay have the old columns');
    if (this.#running) throw modelFailure('conflict', 'a refresh is running');
    this.#running = this.#openSession(mode, redefine ?? this.#command, signal);
    return this.#running;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running?.abort();
  }

  #openSession(mode: RefreshRequest['mode'], command: ModelParts['command'], signal: AbortSignal): RefreshSession {
    const { path, maxBytes } = this.#parts;
    const columns = mode.kind === 'changes' ? changeSchema(command.schema) : command.schema;
    const finished: RecordBatch[] = [];
    const open = new Set<RecordBatch[]>();
    let isEnded = false;
    let bytes = 0;
    const requireRunning = (): void => {
      if (isEnded) throw modelFailure('invalid_state', 'the refresh has ended');
      if (signal.aborted) throw cancelledError('model', signal);
    };
    const add = (target: RecordBatch[], batch: RecordBatch): void => {
      const isSame =
        batch.schema.fields.length === columns.fields.length &&
        batch.schema.fields.every((field, index) => fieldsEqual(field, columns.fields[index]!));
      if (!isSame) throw modelFailure('schema_mismatch', 'a batch has other columns');
      if (mode.kind === 'changes') checkChanges(batch, changedTable(command));
      bytes += batch.data.children.reduce((sum, { values }) => sum + (values?.byteLength ?? 0), 0);
      if (bytes > maxBytes) throw modelFailure('resource_exhausted', 'the rows take too much memory');
      target.push(batch);
    };
    const end = (): void => {
      isEnded = true;
      this.#running = undefined;
    };
    const session: RefreshSession = {
      async writer(): Promise<BatchWriter> {
        requireRunning();
        const batches: RecordBatch[] = [];
        open.add(batches);
        const requireOpen = (): void => {
          requireRunning();
          if (!open.has(batches)) throw modelFailure('invalid_state', 'the writer has ended');
        };
        return {
          async write(batch) {
            requireOpen();
            add(batches, batch);
          },
          async finish() {
            requireOpen();
            open.delete(batches);
            finished.push(concatBatches(columns, batches));
            return null;
          },
          async [Symbol.asyncDispose]() {
            open.delete(batches);
          },
        };
      },
      async loadNative(relation) {
        requireRunning();
        if (relation.kind !== 'batches' || mode.kind === 'changes') return undefined;
        finished.push(concatBatches(command.schema, relation.batches));
        return BigInt(finished.at(-1)!.numRows);
      },
      commit: async (given) => {
        requireRunning();
        if (open.size > 0 || finished.length === 0) throw modelFailure('invalid_state', 'no writer has finished');
        const written = concatBatches(columns, finished);
        const old = mode.kind === 'overwrite' ? emptyBatch(command.schema) : this.#version.batch;
        const batch = mergeRows({ command, mode, old, written });
        const { schema, definitionHash } = command;
        const checkpoint = { ...given, schema, definitionHash, rowCount: BigInt(batch.numRows) };
        if (path !== undefined) await writeVersion(path, { batch, checkpoint });
        this.#command = command;
        this.schema = schema;
        this.#version = { batch, checkpoint };
        this.#reader = this.#read(batch);
        end();
        return { rowCount: BigInt(written.numRows) };
      },
      async abort() {
        if (!isEnded) end();
      },
      [Symbol.asyncDispose]: () => session.abort(),
    };
    return session;
  }

  #read(batch: RecordBatch): TableProvider {
    return createMemoryTable({
      schema: this.schema,
      batches: batch.numRows === 0 ? [] : [batch],
      partitionCount: 4,
    });
  }

  #requireOpen(): void {
    if (this.#isClosed) throw modelFailure('invalid_state', 'the table was closed');
  }
}

/** The column that a filter compares with one value. */
function comparedColumn(filter: Expr): string | undefined {
  if (filter.kind !== 'call' || filter.function !== 'eq') return undefined;
  const [left] = filter.args;
  return left?.kind === 'column' ? left.path[0] : undefined;
}

function changedTable({ schema, primaryKey = [] }: ModelParts['command']): Parameters<typeof checkChanges>[1] {
  const key = primaryKey.map((column) => schema.fields.findIndex(({ name }) => name === column));
  return { schema, key, component: 'dataset of the model', connector: 'model' };
}
