import { batchFromRows } from '@millrace/arrow';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import {
  cancelledError,
  dataTypes,
  defineConnector,
  type ExecutionPlan,
  field,
  MillraceError,
  type RecordBatch,
  type ScanContext,
  type ScanRequest,
  type Schema,
} from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { afterEach, describe, expect, it } from 'vitest';
import { createRuntime, type Runtime } from '../src/index.ts';
import { PARTITION_LIMIT, readPlan } from '../src/query/read-plan.ts';

const SCHEMA: Schema = { fields: [field('id', dataTypes.int32()), field('name', dataTypes.utf8())] };
const batchOf = (...ids: number[]): RecordBatch =>
  batchFromRows(
    SCHEMA,
    ids.map((id) => ({ id, name: `row ${id}` })),
  );

function firstId(batch: RecordBatch): number {
  const [values] = batch.data.children.map((column) => column.values);
  return values instanceof Int32Array ? (values[0] ?? -1) : -1;
}

/** A plan whose partitions are these generators. */
function planOf(
  partitionCount: number,
  execute: (id: number, context: ScanContext) => AsyncIterable<RecordBatch>,
): ExecutionPlan {
  return {
    schema: SCHEMA,
    applied: { filters: [] },
    partitions: Array.from({ length: partitionCount }, (_, id) => ({ id, detail: null })),
    execute: ({ id }, context) => execute(id, context),
    explain: () => ({ source: 'test source' }),
  };
}

/** Waits until the signal fires, and fails as a source does then. */
function untilStopped({ signal }: ScanContext): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(cancelledError('test source', signal));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

const signal = new AbortController().signal;

async function rowsOf(plan: ExecutionPlan): Promise<number> {
  let count = 0;
  for await (const batch of readPlan(plan, signal)) count += batch.numRows;
  return count;
}

describe('the partitions of a plan', () => {
  it('are read at the same time up to a limit, each of them whole', async () => {
    let open = 0;
    let most = 0;
    const count = PARTITION_LIMIT * 3 + 1;
    const plan = planOf(count, async function* (id) {
      open += 1;
      most = Math.max(most, open);
      for (let index = 0; index < 20; index += 1) {
        await new Promise(setImmediate);
        yield batchOf(id * 100 + index);
      }
      open -= 1;
    });
    const seen: number[] = [];
    for await (const batch of readPlan(plan, signal)) seen.push(firstId(batch));
    expect(most).toBe(PARTITION_LIMIT);
    expect(PARTITION_LIMIT).toBeGreaterThanOrEqual(2);
    expect(seen.sort((left, right) => left - right)).toEqual(
      Array.from({ length: count * 20 }, (_, index) => Math.floor(index / 20) * 100 + (index % 20)),
    );
  });

  it('that are fast do not wait for a slow one', async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const plan = planOf(PARTITION_LIMIT + 5, async function* (id) {
      if (id === 0) await gate;
      yield batchOf(id);
    });
    const seen: number[] = [];
    for await (const batch of readPlan(plan, signal)) {
      seen.push(firstId(batch));
      if (seen.length === PARTITION_LIMIT + 4) release();
    }
    expect(seen.at(-1)).toBe(0);
  });

  it('are all stopped by the failure of one, which is what the reader gets', async () => {
    const ended = new Set<number>();
    const plan = planOf(PARTITION_LIMIT, async function* (id, context) {
      try {
        yield batchOf(id);
        if (id === 1) throw new MillraceError({ code: 'io', component: 'test source', message: 'the disk is gone' });
        await untilStopped(context);
      } finally {
        ended.add(id);
      }
    });
    await expect(rowsOf(plan)).rejects.toMatchObject({ code: 'io' });
    expect(ended.size).toBe(PARTITION_LIMIT);
  });

  it('are all released when the reader leaves', async () => {
    const ended = new Set<number>();
    const plan = planOf(PARTITION_LIMIT + 1, async function* (id, context) {
      try {
        yield batchOf(id);
        yield batchOf(id);
        await untilStopped(context);
      } finally {
        ended.add(id);
      }
    });
    for await (const _ of readPlan(plan, signal)) break;
    expect(ended.size).toBeLessThanOrEqual(PARTITION_LIMIT);
    expect(ended.size).toBeGreaterThan(0);
  });

  const OTHER: readonly (readonly [string, Schema])[] = [
    ['fewer columns', { fields: [field('id', dataTypes.int32())] }],
    ['more columns', { fields: [...SCHEMA.fields, field('more', dataTypes.utf8())] }],
    ['columns in another order', { fields: [...SCHEMA.fields].reverse() }],
    ['a renamed column', { fields: [SCHEMA.fields[0]!, field('title', dataTypes.utf8())] }],
  ];
  it.each(OTHER)('fail for a batch with %s', async (_, schema) => {
    const row = Object.fromEntries(schema.fields.map(({ name }) => [name, name === 'id' ? 1 : 'x']));
    const plan = planOf(2, async function* (id) {
      yield batchOf(1);
      if (id === 1) yield batchFromRows(schema, [row]);
    });
    await expect(rowsOf(plan)).rejects.toMatchObject({ code: 'schema_mismatch', component: 'test source' });
  });
});

describe('tables of many partitions', () => {
  const store = memoryDatabase('partitions-test');
  let runtime: Runtime | undefined;
  afterEach(async () => {
    await runtime?.close();
    store.clear();
  });

  /** The memory connector, with what its plans claim and deliver changed. */
  async function start(
    change: (plan: ExecutionPlan, request: ScanRequest) => ExecutionPlan,
    asked: (request: ScanRequest) => ScanRequest = (request) => request,
  ): Promise<Runtime> {
    const changing = defineConnector({
      id: 'changing',
      prefix: 'memory',
      parameters: memoryConnector.parameters,
      async create(parameters, context) {
        const connector = await memoryConnector.create(parameters, context);
        return {
          ...connector,
          async readProvider(source, scanContext) {
            const provider = await connector.readProvider(source, scanContext);
            const { nativeRelation: _, ...rest } = provider;
            return {
              ...rest,
              schema: provider.schema,
              scan: async (request, scan) => change(await provider.scan(asked(request), scan), request),
            };
          },
          [Symbol.asyncDispose]: () => connector.close(),
        };
      },
    });
    runtime = await createRuntime({
      config: {
        datasets: [{ from: 'changing:t', name: 't', params: { memory_database: 'partitions-test' } }],
      },
      registry: createRegistry({ connectors: [changing], accelerators: [] }),
    });
    return runtime;
  }

  const put = () =>
    store.put('t', {
      schema: SCHEMA,
      rows: Array.from({ length: 1_000 }, (_, id) => [id, `row ${id % 7}`]),
      partitionCount: 5,
    });

  it.each([
    "SELECT * FROM t WHERE id >= 990 OR name = 'row 3'",
    'SELECT id FROM t ORDER BY id DESC LIMIT 7',
    'SELECT id FROM t WHERE id > 500 ORDER BY name, id LIMIT 5 OFFSET 3',
    'SELECT count(*) AS n FROM (SELECT * FROM t LIMIT 30)',
    'SELECT name, count(*) AS n, max(id) AS m FROM t WHERE id < 400 GROUP BY name ORDER BY name',
  ])('answer as with pushdown off: %s', async (sql) => {
    put();
    let most = 0;
    const running = await start((plan) => {
      most = Math.max(most, plan.partitions.length);
      return plan;
    });
    const [pushed, whole] = await Promise.all(
      ([{}, { pushdown: 'off' }] as const).map(async (options) => (await running.sql(sql, options)).toRows()),
    );
    const sorted = (rows: typeof pushed) => rows?.map((row) => Object.values(row).join(' | ')).sort();
    expect(sorted(pushed)).toEqual(sorted(whole));
    expect(most).toBeGreaterThan(1);
  });

  it('give the same rows for a filter that a source applies inexactly', async () => {
    put();
    // Nothing is filtered at the source, and every filter is called inexact.
    const running = await start(
      (plan, { filters }) => ({ ...plan, applied: { filters: filters.map(() => 'inexact') } }),
      ({ projection }) => ({ projection, filters: [] }),
    );
    const sql = "SELECT sum(id) AS s FROM t WHERE id % 3 = 0 AND id > 100 AND name <> 'row 2'";
    expect(await (await running.sql(sql)).toRows()).toEqual(
      await (await running.sql(sql, { pushdown: 'off' })).toRows(),
    );
  });

  it('fail with a code where the plan has other columns than the table had', async () => {
    put();
    const running = await start((plan) => ({
      ...plan,
      schema: { fields: plan.schema.fields.map((each) => ({ ...each, name: `${each.name}_2` })) },
    }));
    await expect(running.sql('SELECT * FROM t')).rejects.toMatchObject({ code: 'schema_mismatch' });
  });

  it('fail with a code where a column has another type by now', async () => {
    put();
    const running = await start((plan) => ({
      ...plan,
      async *execute() {
        const { fields } = plan.schema;
        yield batchFromRows({ fields: fields.map(({ name }) => field(name, dataTypes.utf8())) }, [
          Object.fromEntries(fields.map(({ name }) => [name, 'x'])),
        ]);
      },
    }));
    await expect(running.sql('SELECT * FROM t')).rejects.toMatchObject({ code: 'schema_mismatch' });
  });
});
