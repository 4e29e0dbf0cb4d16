import { batchFromRows } from '@millrace/arrow';
import {
  type ConnectorPlugin,
  type DataConnector,
  dataTypes,
  defineConnector,
  field,
  MillraceError,
  type RecordBatch,
  type Schema,
  type TableProvider,
} from '@millrace/core';

/** The columns of the source: a number, and milliseconds since 1970-01-01 UTC. */
export const STEPPED_SCHEMA: Schema = {
  fields: [field('id', dataTypes.int32()), field('at', dataTypes.int64())],
};

/** A row of the source. */
export type SteppedRow = readonly [id: number, atMs: bigint];

/** A source that yields one batch after the other and calls back before each. */
export interface SteppedSource {
  readonly plugin: ConnectorPlugin;
  /** One element for each batch. */
  batches: readonly (readonly SteppedRow[])[];
  onBatch: (index: number) => void;
  /** Makes every scan fail, behind the batches; the error gives the password away. */
  failure: 'passing' | 'lasting' | undefined;
  /** Whether its tables can be found. */
  isReachable: boolean;
}

/** The connector `stepped`, which has one table for every path. */
export function createSteppedSource(): SteppedSource {
  const source: SteppedSource = {
    batches: [],
    onBatch: () => {},
    failure: undefined,
    isReachable: true,
    plugin: defineConnector({
      id: 'stepped',
      prefix: 'stepped',
      parameters: [{ name: 'password', kind: 'connector', type: 'string', description: 'The password.', secret: true }],
      create: (parameters): DataConnector => {
        const close = async (): Promise<void> => {};
        const password = parameters.string('password');
        return {
          readProvider: async () => {
            if (!source.isReachable) throw refusal('passing', password);
            return toTable(password);
          },
          metricsProvider: { metrics: () => ({ statements: source.batches.length }) },
          close,
          [Symbol.asyncDispose]: close,
        };
      },
    }),
  };
  const toTable = (password: string | undefined): TableProvider => ({
    schema: STEPPED_SCHEMA,
    tableType: 'base',
    scan: (request) => {
      const schema: Schema = { fields: request.projection.map((ordinal) => STEPPED_SCHEMA.fields[ordinal]!) };
      return {
        schema,
        applied: { filters: request.filters.map(() => 'none' as const) },
        partitions: [{ id: 0, detail: null }],
        explain: () => ({ source: 'stepped', statement: 'read the steps' }),
        async *execute(): AsyncGenerator<RecordBatch, void, undefined> {
          for (const [index, rows] of source.batches.entries()) {
            source.onBatch(index);
            const chosen = rows.map((row) => request.projection.map((ordinal) => row[ordinal]!));
            yield batchFromRows(schema, chosen);
          }
          if (source.failure !== undefined) throw refusal(source.failure, password);
        },
      };
    },
  });
  return source;
}

function refusal(kind: 'passing' | 'lasting', password: string | undefined): MillraceError {
  return new MillraceError({
    code: kind === 'passing' ? 'unavailable' : 'unauthorized',
    component: 'stepped source',
    message: `the password ${password} was refused`,
    retryable: kind === 'passing',
  });
}
