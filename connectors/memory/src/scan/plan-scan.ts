import { createBreather, planFilter } from '@millrace/arrow';
import {
  type Applied,
  cancelledError,
  type ExecutionPlan,
  type Explanation,
  type Field,
  MillraceError,
  type Partition,
  type RecordBatch,
  type RecordBatchStream,
  type ScanContext,
  type ScanRequest,
  type Schema,
} from '@millrace/core';
import { type ChangedRows, countRows } from '../snapshot.ts';
import { planAggregation } from './aggregate.ts';
import { limitRows } from './limit.ts';
import { materialize } from './materialize.ts';
import { neededOrdinals } from './needed-ordinals.ts';
import { planOrder } from './order.ts';
import { createSampler } from './sample.ts';
import { selectRows } from './select-rows.ts';
import { sortRows } from './sort.ts';
import type { ScanSource } from './source.ts';
import { describeResult } from './statistics.ts';

/**
 * Plans the scan of rows in memory: every stage of the request is done here, as far as its equality with the engine is established.
 *
 * Whatever concerns all rows at once (an aggregate, an offset, a limit) makes one partition of them.
 * @throws MillraceError `invalid_argument` for an ordinal or a metadata column that the table has not.
 */
export function planScan<Rows extends ChangedRows>(
  source: ScanSource<Rows>,
  request: ScanRequest,
  context: ScanContext,
): ExecutionPlan {
  const metadata = (request.metadataColumns ?? []).map((name) => metadataField(source, name));
  const work: Schema = { fields: [...source.schema.fields, ...metadata] };
  const projection = checkProjection(source, request.projection);
  const filters = request.filters.map((filter) => planFilter(filter, work));
  const filtersDone = filters.every((filter) => filter.degree === 'exact');

  const aggregation = request.aggregate && filtersDone ? planAggregation(request.aggregate, work) : undefined;
  const aggregateDone = request.aggregate === undefined || aggregation !== undefined;
  const wanted = [...projection, ...metadata.map((_, index) => source.schema.fields.length + index)];
  const orderKeys = request.order?.map((key) =>
    aggregation ? { ...key, expr: aggregation.overOutput(key.expr) } : key,
  );
  const ordinals = aggregation ? [] : [...wanted, ...neededOrdinals(orderKeys ?? [], work, wanted)];
  const staged: Schema = aggregation?.schema ?? { fields: ordinals.map((ordinal) => work.fields[ordinal]!) };
  const order = orderKeys !== undefined && aggregateDone ? planOrder(orderKeys, staged) : undefined;

  const rowsDone = filtersDone && aggregateDone && (request.order === undefined || order !== undefined);
  const applied: Applied = {
    filters: filters.map((filter) => filter.degree),
    ...(request.sample && { sample: true }),
    ...(request.aggregate && { aggregate: aggregation ? 'complete' : 'none' }),
    ...(request.order && { order: order ? 'exact' : 'none' }),
    ...(request.offset !== undefined && { offset: rowsDone }),
    ...(request.limit !== undefined && { limit: rowsDone ? 'exact' : 'none' }),
  };
  const cuts = rowsDone && (request.offset !== undefined || request.limit !== undefined);
  const parts = aggregation || cuts ? mergeParts(source) : source.partitions;
  const outputSchema: Schema = aggregation ? aggregation.schema : { fields: staged.fields.slice(0, wanted.length) };

  const sampler = request.sample && createSampler(request.sample);
  const predicates = filters.flatMap((filter) => filter.predicates);
  const unchangedRows = !sampler && predicates.length === 0 && aggregation === undefined;
  const partitions: readonly Partition[] = parts.map((part, id) => ({
    id,
    detail: part.detail,
    ...(unchangedRows && !cuts && { rowCount: countRows(part.rows) }),
  }));

  const read = (rows: readonly Rows[], scan: ScanContext): AsyncIterable<RecordBatch> => {
    const breather = createBreather(source.label, scan.signal);
    const maxRows = scan.batchRowCount ?? context.batchRowCount;
    const selections = selectRows({ source, rows, schema: work, metadata, sampler, predicates, breather });
    let batches = aggregation
      ? aggregation.run(selections, breather)
      : materialize(selections, { schema: staged, ordinals, maxRows, breather });
    if (order !== undefined) {
      const keep = cuts && request.limit !== undefined ? request.limit + (request.offset ?? 0n) : undefined;
      batches = sortRows(batches, { schema: staged, order, keep, maxRows, breather });
    }
    if (cuts) batches = limitRows(batches, { offset: request.offset ?? 0n, limit: request.limit });
    return staged.fields.length === outputSchema.fields.length ? batches : narrow(batches, outputSchema);
  };

  return {
    schema: outputSchema,
    applied,
    partitions,
    ...(order && request.order && { ordering: request.order }),
    statistics: () =>
      describeResult({
        rows: unchangedRows ? parts.flatMap((part) => part.rows) : undefined,
        ordinals: wanted.filter((ordinal) => ordinal < source.schema.fields.length),
        schema: source.schema,
        offset: cuts ? (request.offset ?? 0n) : 0n,
        limit: cuts ? request.limit : undefined,
        groupless: aggregation !== undefined && request.aggregate?.groupBy.length === 0,
      }),
    execute: (partition, scan) => stream(source.label, scan, () => read(rowsOf(source.label, parts, partition), scan)),
    explain: () => explain(source, request, applied),
  };
}

/** Nothing is read, and no signal looked at, before the first pull; each iteration reads anew. */
function stream(label: string, context: ScanContext, open: () => AsyncIterable<RecordBatch>): RecordBatchStream {
  return {
    async *[Symbol.asyncIterator]() {
      if (context.signal.aborted) throw cancelledError(label, context.signal);
      yield* open();
    },
  };
}

async function* narrow(batches: AsyncIterable<RecordBatch>, schema: Schema): AsyncGenerator<RecordBatch> {
  for await (const { numRows, data } of batches)
    yield { schema, numRows, data: { children: data.children.slice(0, schema.fields.length) } };
}

function rowsOf<Rows extends ChangedRows>(
  label: string,
  parts: ScanSource<Rows>['partitions'],
  partition: Partition,
): readonly Rows[] {
  const part = parts[partition.id];
  if (part !== undefined) return part.rows;
  throw new MillraceError({
    code: 'invalid_argument',
    component: label,
    connector: 'memory',
    message: `the plan has no partition ${partition.id}`,
    hint: 'Execute the partitions of the plan itself; rows in memory cannot be read by another process',
  });
}

function mergeParts<Rows extends ChangedRows>(source: ScanSource<Rows>): ScanSource<Rows>['partitions'] {
  if (source.partitions.length === 1) return source.partitions;
  return [
    {
      rows: source.partitions.flatMap((part) => part.rows),
      detail: { partitions: source.partitions.map((part) => part.detail) },
    },
  ];
}

function metadataField(source: ScanSource, name: string): Field {
  const field = source.metadataColumns.fields.find((known) => known.name === name);
  if (field !== undefined) return field;
  throw new MillraceError({
    code: 'invalid_argument',
    component: source.label,
    connector: 'memory',
    message: `there is no metadata column ${name}`,
    hint: `Ask for ${source.metadataColumns.fields.map((known) => known.name).join(', ')}`,
  });
}

function checkProjection(source: ScanSource, projection: readonly number[]): readonly number[] {
  const wrong = projection.find((ordinal) => source.schema.fields[ordinal] === undefined);
  if (wrong === undefined) return projection;
  throw new MillraceError({
    code: 'invalid_argument',
    component: source.label,
    connector: 'memory',
    message: `there is no column with ordinal ${wrong}`,
    hint: `Ordinals count from 0 to ${source.schema.fields.length - 1}`,
  });
}

function explain(source: ScanSource, request: ScanRequest, applied: Applied): Explanation {
  const steps = [
    request.sample && `sample ${request.sample.method}`,
    request.filters.length > 0 && `filters ${applied.filters.join(', ')}`,
    applied.aggregate === 'complete' && 'aggregate',
    applied.order === 'exact' && 'order',
    applied.offset === true && 'offset',
    applied.limit === 'exact' && 'limit',
  ].filter((step) => typeof step === 'string');
  return { source: `memory ${source.label}`, ...(steps.length > 0 && { notes: [`in memory: ${steps.join('; ')}`] }) };
}
