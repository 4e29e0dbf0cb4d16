import { batchFromRows, projectBatch } from '@millrace/arrow';
import {
  dataTypes,
  field,
  type PushdownDegree,
  type RecordBatch,
  type ScanRequest,
  type Schema,
  type TableProvider,
  TypeId,
} from '@millrace/core';

/** The columns of a {@link Source} that is told no others. */
export const SCHEMA: Schema = {
  fields: [
    field('id', dataTypes.int64()),
    field('Name', dataTypes.utf8()),
    field('price', dataTypes.decimal(10, 2)),
    field('moment', dataTypes.timestamp(undefined, 'UTC')),
    field('ok', dataTypes.bool()),
    field('day', dataTypes.date()),
    field('tags', { typeId: TypeId.List, children: [field('item', dataTypes.utf8())] }),
  ],
};
const ROW = [1n, 'one', '1.50', '2024-02-29T12:00:00.000001Z', true, '2024-02-29', ['a']] as const;

/** What a source is told. */
export interface SourceOptions {
  readonly batches: (request: ScanRequest) => AsyncIterable<RecordBatch> | Iterable<RecordBatch>;
  readonly filters?: PushdownDegree;
  readonly schema?: Schema;
}

/** A source whose every scan gives what it is told to, and says of itself what it is told to. */
export class Source {
  readonly asked: ScanRequest[] = [];
  /** Scans that are being read. */
  openCount = 0;
  readonly provider: TableProvider;

  constructor({ batches, filters: degree = 'exact', schema = SCHEMA }: SourceOptions) {
    this.provider = {
      schema,
      tableType: 'base',
      scan: (request) => {
        this.asked.push(request);
        const source = this;
        return {
          schema: { fields: request.projection.map((ordinal) => schema.fields[ordinal]!) },
          applied: { filters: request.filters.map(() => degree) },
          partitions: [{ id: 0, detail: null }],
          async *execute() {
            source.openCount += 1;
            try {
              for await (const batch of batches(request)) yield projectBatch(batch, request.projection);
            } finally {
              source.openCount -= 1;
            }
          },
          explain: () => ({ source: 'test source' }),
        };
      },
    };
  }
}

/** Rows of the columns, whose ids go up from `first`. */
export function rows(count: number, first = 0): RecordBatch {
  const all = Array.from({ length: count }, (_, index) => [BigInt(first + index), ...ROW.slice(1)]);
  return batchFromRows(SCHEMA, all as never);
}
