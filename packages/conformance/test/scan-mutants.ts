import { concatBatches, emptyBatch, sliceBatch } from '@millrace/arrow';
import { dataTypes, MillraceError, type RecordBatch, type ScanContext } from '@millrace/core';
import { type Mutant, requestMutant, scanMutant, streamMutant, tableMutant } from './mutate.ts';

const idle = (): ScanContext => ({ signal: new AbortController().signal });

const wrong = (message: string): MillraceError => new MillraceError({ code: 'io', component: 'mutant', message });

/** Connectors whose streams are wrong. */
export const SCAN_MUTANTS: readonly Mutant[] = [
  tableMutant('sends its statement while planning', ['scan/scans-are-lazy'], (table, remote) => ({
    ...table,
    scan(request, context) {
      for (const name of remote.names()) remote.log.push(`SELECT FROM "${name}"`);
      return table.scan(request, context);
    },
  })),
  streamMutant(
    'loses the last row of each batch',
    [
      'scan/all-rows',
      'catalog/other-relations-are-readable',
      'catalog/only-unsupported-columns',
      'catalog/catalog-tables-are-readable',
      'identity/instances-are-independent',
    ],
    async function* (open, { context }) {
      for await (const batch of open(context)) if (batch.numRows > 0) yield sliceBatch(batch, 0, batch.numRows - 1);
    },
  ),
  streamMutant('gives the first row twice', ['scan/all-rows'], async function* (open, { context }) {
    for await (const batch of open(context)) yield concatBatches(batch.schema, [sliceBatch(batch, 0, 1), batch]);
  }),
  requestMutant('sorts the projection', ['scan/projection-order'], (request) => ({
    ...request,
    projection: [...request.projection].sort((left, right) => left - right),
  })),
  streamMutant(
    'counts nothing without columns',
    ['scan/empty-projection'],
    async function* (open, { context, request }) {
      for await (const batch of open(context)) yield request.projection.length === 0 ? { ...batch, numRows: 0 } : batch;
    },
  ),
  requestMutant(
    'forgets filters on columns that are not read',
    ['scan/filter-outside-projection'],
    (request, table) => ({
      ...request,
      filters: request.projection.length === table.schema.fields.length ? request.filters : [],
    }),
  ),
  streamMutant(
    'gives batches a schema of their own',
    ['scan/batches-have-the-schema'],
    async function* (open, { context }) {
      for await (const batch of open(context)) {
        const fields = batch.schema.fields.map((each) => ({ ...each, nullable: true }));
        yield { ...batch, schema: { fields } };
      }
    },
  ),
  streamMutant('fails for empty tables', ['scan/empty-table'], async function* (open, { context }) {
    let count = 0;
    for await (const batch of open(context)) {
      count += batch.numRows;
      yield batch;
    }
    if (count === 0) throw wrong('there are no rows');
  }),
  streamMutant(
    'gives all rows as one batch',
    ['scan/rows-are-streamed'],
    async function* (_, { plan, context, partition }) {
      if (partition > 0) return;
      const batches: RecordBatch[] = [];
      for (const each of plan.partitions) for await (const batch of plan.execute(each, context)) batches.push(batch);
      yield batches.length === 0 ? emptyBatch(plan.schema) : concatBatches(plan.schema, batches);
    },
  ),
  streamMutant('reads everything ahead', ['scan/slow-consumers-hold-the-source'], async function* (open, { context }) {
    const batches: RecordBatch[] = [];
    for await (const batch of open(context)) batches.push(batch);
    const copies = batches.map((batch) => structuredClone(batch.data.children.map(({ values }) => values)));
    for (const batch of batches) yield batch;
    if (copies.length < 0) throw wrong('unreachable');
  }),
  streamMutant(
    'keeps the connection when it is left early',
    ['scan/breaking-out-releases', 'scan/consumer-throws'],
    (open, { context }) => ({
      [Symbol.asyncIterator]() {
        const iterator = open(context)[Symbol.asyncIterator]();
        return { next: () => iterator.next() };
      },
    }),
  ),
  scanMutant('shares one stream among the scans of a table', ['scan/concurrent-scans'], sharingStreams()),
  tableMutant(
    'waits for ever beyond four scans',
    ['scan/more-scans-than-connections'],
    limitingScans((count) => (count > 4 ? new Promise(() => {}) : undefined)),
  ),
  tableMutant(
    'runs one stream at a time',
    ['scan/nested-scans'],
    limitingScans((count) => {
      if (count > 1) throw wrong('commands are out of sync');
    }),
  ),
  scanMutant('reads the first partition twice', ['scan/partitions-make-the-whole'], async (table, request, context) => {
    const plan = await table.scan(request, context);
    return {
      ...plan,
      execute: (partition, inner) => plan.execute(partition.id === 1 ? plan.partitions[0]! : partition, inner),
    };
  }),
  scanMutant('cuts other partitions each time', ['scan/partitions-make-the-whole'], alternatingPartitions()),
  scanMutant('reads a partition once', ['scan/partitions-can-be-retried'], async (table, request, context) => {
    const plan = await table.scan(request, context);
    const read = new Set<number>();
    return {
      ...plan,
      execute(partition, inner) {
        const isRead = read.has(partition.id);
        read.add(partition.id);
        return isRead ? (async function* () {})() : plan.execute(partition, inner);
      },
    };
  }),
  scanMutant('declares an order that it has not', ['scan/declared-order-holds'], async (table, request, context) => {
    const plan = await table.scan({ projection: request.projection, filters: [] }, context);
    const expr = { kind: 'column', path: ['id'], type: dataTypes.int64() } as const;
    return {
      ...plan,
      applied: { filters: request.filters.map(() => 'none') },
      ordering: [{ expr, descending: true, nullsFirst: false }],
    };
  }),
  tableMutant('calls a metadata column like a column', ['scan/metadata-columns'], (table) => ({
    ...table,
    metadataColumns: { fields: [table.schema.fields[0]!] },
  })),
  requestMutant('reads the newest version always', ['scan/older-versions'], ({ at: _, ...request }) => request),
  scanMutant('reads each partition as it is now', ['scan/one-snapshot'], async (table, request, context) => {
    const plan = await table.scan(request, context);
    return {
      ...plan,
      async *execute(partition, inner) {
        const now = await table.scan(request, { ...context, ...idle() });
        yield* now.execute(now.partitions[partition.id]!, inner);
      },
    };
  }),
];

function sharingStreams(): Parameters<typeof scanMutant>[2] {
  const streams = new Map<string, AsyncIterator<RecordBatch>>();
  return async (table, request, context) => {
    const plan = await table.scan(request, context);
    return {
      ...plan,
      execute(partition, inner) {
        const key = `${plan.explain().source} ${partition.id}`;
        const shared = streams.get(key) ?? plan.execute(partition, inner)[Symbol.asyncIterator]();
        streams.set(key, shared);
        return { [Symbol.asyncIterator]: () => shared };
      },
    };
  };
}

/** Calls back before each stream with the number of those that are open. */
function limitingScans(before: (count: number) => Promise<void> | void): Parameters<typeof tableMutant>[2] {
  let open = 0;
  return (table) => ({
    ...table,
    async scan(request, context) {
      const plan = await table.scan(request, context);
      return {
        ...plan,
        async *execute(partition, inner) {
          open += 1;
          try {
            await before(open);
            yield* plan.execute(partition, inner);
          } finally {
            open -= 1;
          }
        },
      };
    },
  });
}

function alternatingPartitions(): Parameters<typeof scanMutant>[2] {
  let calls = 0;
  return async (table, request, context) => {
    const plan = await table.scan(request, context);
    calls += 1;
    const [first, second, ...rest] = plan.partitions;
    if (calls % 2 === 0 || first === undefined || second === undefined) return plan;
    return {
      ...plan,
      partitions: [first, ...rest],
      async *execute(partition, inner) {
        yield* plan.execute(partition, inner);
        if (partition.id === first.id) yield* plan.execute(second, inner);
      },
    };
  };
}
