import { batchFromRows, rowArraysFromBatch } from '@millrace/arrow';
import {
  type AcceleratedTable,
  type AcceleratorPlugin,
  type Checkpoint,
  type CreateTableCommand,
  defineAccelerator,
  type Expr,
  type RecordBatch,
  type RefreshSession,
} from '@millrace/core';

type Row = readonly unknown[];

/** An accelerator that keeps rows in arrays and does what the contract says in the plainest way: the model of an append refresh. */
export const modelAccelerator: AcceleratorPlugin = defineAccelerator({
  id: 'model',
  prefix: 'model',
  parameters: [],
  modes: ['memory'],
  validFileExtensions: [],
  refreshModes: ['full', 'append'],
  create: () => ({
    accelerationLayout: { kind: 'memory' },
    filePath: () => undefined,
    init: async () => ({ kind: 'empty' }),
    isInitialized: () => true,
    createExternalTable: async (command) => new ModelTable(command),
    shutdown: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }),
});

class ModelTable implements AcceleratedTable {
  readonly schema: CreateTableCommand['schema'];
  readonly tableType = 'base';
  checkpoint: Checkpoint | undefined;
  readonly #command: CreateTableCommand;
  #rows: readonly Row[] = [];

  constructor(command: CreateTableCommand) {
    this.#command = command;
    this.schema = command.schema;
  }

  scan({ projection, filters }: Parameters<AcceleratedTable['scan']>[0]): ReturnType<AcceleratedTable['scan']> {
    const schema = { fields: projection.map((ordinal) => this.schema.fields[ordinal]!) };
    const rows = this.#rows.map((row) => projection.map((ordinal) => row[ordinal]));
    return {
      schema,
      applied: { filters: filters.map(() => 'none' as const) },
      partitions: [{ id: 0, detail: null }],
      async *execute(): AsyncGenerator<RecordBatch, void, undefined> {
        yield batchFromRows(schema, rows);
      },
      explain: () => ({ source: 'model' }),
    };
  }

  async beginRefresh({ mode }: Parameters<AcceleratedTable['beginRefresh']>[0]): Promise<RefreshSession> {
    const written: Row[] = [];
    const filters = mode.kind === 'overwrite_where' ? mode.filters : [];
    return {
      writer: async () => ({
        write: async (batch) => void written.push(...rowArraysFromBatch(batch)),
        finish: async () => null,
        [Symbol.asyncDispose]: async () => {},
      }),
      commit: async (checkpoint) => {
        const goes = (row: Row) => filters.every((filter) => this.#evaluate(filter, row) === true);
        this.#rows = [...this.#rows.filter((row) => !goes(row)), ...written];
        const { schema, definitionHash } = this.#command;
        this.checkpoint = { ...checkpoint, schema, definitionHash, rowCount: BigInt(this.#rows.length) };
        return { rowCount: BigInt(written.length) };
      },
      abort: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
  }

  #evaluate(expr: Expr, row: Row): unknown {
    if (expr.kind === 'column') {
      return comparable(row[this.schema.fields.findIndex(({ name }) => name === expr.path[0])]);
    }
    if (expr.kind === 'literal') {
      const batch = batchFromRows({ fields: [{ name: 'v', type: expr.type, nullable: true }] }, [[expr.value]]);
      return comparable([...rowArraysFromBatch(batch)][0]![0]);
    }
    const [left, right] = expr.args.map((arg) => this.#evaluate(arg, row));
    switch (expr.function) {
      case 'is_null':
        return left === null;
      case 'or':
        return left === true || right === true;
      case 'ge':
        // NaN is above every number in the engine.
        return left !== null && (Number.isNaN(left) || (left as string) >= (right as string));
      default:
        throw new TypeError(`the model knows no ${expr.function}`);
    }
  }
}

/** Texts of times sort as times do once their fractions have the same length. */
function comparable(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?$/.test(value)) return value;
  const [seconds = '', fraction = ''] = value.replace('Z', '').split('.');
  return `${seconds}.${fraction.padEnd(9, '0')}`;
}
