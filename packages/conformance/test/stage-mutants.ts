import { sliceBatch } from '@millrace/arrow';
import { type Mutant, requestMutant, scanMutant, streamMutant } from './mutate.ts';

/** Connectors that claim limits, orders and the like, and do something else. */
export const STAGE_MUTANTS: readonly Mutant[] = [
  scanMutant('sorts nothing that it declares', ['stages/declared-stages-are-done'], async (table, request, context) => {
    const { order: _, limit: __, ...rest } = request;
    return request.order === undefined ? table.scan(request, context) : table.scan(rest, context);
  }),
  requestMutant('gives a row more than the limit', ['stages/limits'], (request) =>
    request.limit === undefined ? request : { ...request, limit: request.limit + 1n },
  ),
  scanMutant('limits each partition', ['stages/limits-over-partitions'], async (table, request, context) => {
    const { limit, ...rest } = request;
    if (limit === undefined) return table.scan(request, context);
    const plan = await table.scan(rest, context);
    // Too few rows of a partition: as if the limit had been divided among them.
    return {
      ...plan,
      applied: { ...plan.applied, limit: 'inexact' },
      async *execute(partition, inner) {
        for await (const batch of plan.execute(partition, inner)) {
          yield sliceBatch(batch, 0, Math.min(batch.numRows, Number(limit) / 8));
          break;
        }
      },
    };
  }),
  scanMutant(
    'claims an exact limit for several partitions',
    ['stages/limits-over-partitions'],
    async (table, request, context) => {
      const { limit, ...rest } = request;
      const plan = await table.scan(rest, context);
      return limit === undefined ? plan : { ...plan, applied: { ...plan.applied, limit: 'exact' } };
    },
  ),
  requestMutant('leaves out a row too many', ['stages/offsets'], (request) =>
    request.offset === undefined ? request : { ...request, offset: request.offset + 1n },
  ),
  requestMutant('puts nulls at the other end', ['stages/top-rows'], ({ order, ...request }) => ({
    ...request,
    ...(order && { order: order.map((key) => ({ ...key, nullsFirst: !key.nullsFirst })) }),
  })),
  streamMutant('drops the last of equal rows', ['stages/ties'], async function* (open, { context, request }) {
    for await (const batch of open(context))
      yield request.order !== undefined && request.limit === 250n
        ? sliceBatch(batch, 0, Math.max(0, batch.numRows - 1))
        : batch;
  }),
  requestMutant(
    'claims an order without sorting',
    ['stages/exact-orders-are-sorted'],
    ({ order: _, ...request }) => request,
  ),
  requestMutant('counts nulls', ['stages/aggregates'], ({ aggregate, ...request }) => ({
    ...request,
    ...(aggregate && {
      aggregate: {
        ...aggregate,
        calls: aggregate.calls.map((call) => (call.function === 'count' ? { ...call, args: [] } : call)),
      },
    }),
  })),
  requestMutant('draws another sample each time', ['stages/samples'], ({ sample, ...request }) => ({
    ...request,
    ...(sample && {
      sample: { fraction: sample.fraction, method: sample.method, seed: BigInt(Math.floor(Math.random() * 1e9)) },
    }),
  })),
  scanMutant(
    'gives the statistics of the table for every scan',
    ['stages/statistics-are-true'],
    async (table, request, context) => {
      const plan = await table.scan(request, context);
      const whole = await table.scan({ projection: request.projection, filters: [] }, context);
      return { ...plan, statistics: () => whole.statistics!() };
    },
  ),
];
