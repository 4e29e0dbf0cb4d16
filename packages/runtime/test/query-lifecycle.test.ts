import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { batchFromColumns } from '@millrace/arrow';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import {
  type ConnectorPlugin,
  dataTypes,
  defineConnector,
  type ExecutionPlan,
  field,
  MillraceError,
  type Schema,
} from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { createGate, type Gate } from '@millrace/test-fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuntime, type DatasetInput, type Runtime } from '../src/index.ts';

const SCHEMA: Schema = { fields: [field('x', dataTypes.int32())] };

/** Where the source of a dataset `slow:<stage>` hangs until it is aborted; `deaf` ones never notice. */
type Stage = 'connect' | 'plan' | 'deaf_plan' | 'rows' | 'sibling';

function slowConnector(log: string[], onHang: () => void): ConnectorPlugin {
  const hang = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      onHang();
      const stop = () => reject(new MillraceError({ code: 'cancelled', component: 'source', message: 'stopped' }));
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
    });
  const plan = (stage: Stage): ExecutionPlan => ({
    schema: SCHEMA,
    applied: { filters: [] },
    partitions:
      stage === 'sibling'
        ? [
            { id: 0, detail: 'rows' },
            { id: 1, detail: 'fails' },
          ]
        : [{ id: 0, detail: stage }],
    explain: () => ({ source: 'slow' }),
    async *execute({ detail }, { signal }) {
      log.push('open');
      try {
        if (detail === 'fails') throw new MillraceError({ code: 'io', component: 'source', message: 'it broke' });
        yield batchFromColumns(SCHEMA, [Int32Array.of(1)], 1);
        if (detail === 'rows') await hang(signal);
      } finally {
        log.push('closed');
      }
    },
  });
  return defineConnector({
    id: 'slow',
    prefix: 'slow',
    parameters: [],
    create: () => ({
      readProvider: async ({ path }, { signal }) => {
        if (path === 'connect') await hang(signal);
        return {
          schema: SCHEMA,
          tableType: 'base',
          scan: async (_request, context) => {
            if (path === 'plan') await hang(context.signal);
            if (path === 'deaf_plan') await new Promise(onHang);
            return plan(path as Stage);
          },
        };
      },
      close: async () => void log.push('connector closed'),
      [Symbol.asyncDispose]: async () => {},
    }),
  });
}

describe('the end of a query, wherever it is', () => {
  const log: string[] = [];
  const runtimes: Runtime[] = [];
  let hanging: Gate;
  async function start(datasets: readonly DatasetInput[], signal?: AbortSignal): Promise<Runtime> {
    const runtime = await createRuntime({
      config: { datasets },
      registry: createRegistry({
        connectors: [memoryConnector, slowConnector(log, () => hanging.open())],
        accelerators: [arrowAccelerator],
      }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      ...(signal ? { signal } : {}),
    });
    runtimes.push(runtime);
    return runtime;
  }
  const slow = (stage: Stage, more: Partial<DatasetInput> = {}): DatasetInput => ({
    from: `slow:${stage}`,
    name: 'slow',
    ...more,
  });
  const loading = slow('rows', { acceleration: { engine: 'arrow' } });

  beforeEach(() => {
    log.length = 0;
    hanging = createGate();
    memoryDatabase('query-lifecycle').put('t', { schema: SCHEMA, rows: [[1]] });
  });
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
  });

  const stages: readonly (readonly [string, DatasetInput])[] = [
    ['a provider plans', slow('plan')],
    ['a provider plans and does not listen', slow('deaf_plan')],
    ['rows are staged', slow('rows')],
    ['the first load runs', loading],
  ];

  it.each(stages)('an abort while %s', async (_, dataset) => {
    const runtime = await start([dataset]);
    const controller = new AbortController();
    const pending = runtime.sql('SELECT * FROM slow', { signal: controller.signal });
    const failure = expect(pending).rejects.toMatchObject({ code: 'cancelled' });
    await hanging.opened;
    controller.abort();
    await failure;
  });

  it.each(stages)('a close of the runtime while %s', async (_, dataset) => {
    const runtime = await start([dataset]);
    const failure = expect(runtime.sql('SELECT * FROM slow')).rejects.toMatchObject({ code: 'cancelled' });
    await hanging.opened;
    await runtime.close();
    await failure;
    expect(log.filter((entry) => entry === 'open')).toHaveLength(log.filter((entry) => entry === 'closed').length);
    expect(log.at(-1)).toBe('connector closed');
  });

  it('an abort before it began', async () => {
    const runtime = await start([slow('rows')]);
    const signal = AbortSignal.abort();
    await expect(runtime.sql('SELECT * FROM slow', { signal })).rejects.toMatchObject({ code: 'cancelled' });
    await expect(runtime.explain('SELECT * FROM slow', { signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(log).toEqual([]);
  });

  it('one partition fails while another waits for its source', async () => {
    const runtime = await start([
      slow('sibling'),
      slow('sibling', { name: 'copy', acceleration: { engine: 'arrow' } }),
    ]);
    await expect(runtime.sql('SELECT * FROM slow')).rejects.toMatchObject({ code: 'io', component: 'source' });
    await expect(runtime.sql('SELECT * FROM copy')).rejects.toMatchObject({ code: 'not_ready' });
    expect(log.filter((entry) => entry === 'open')).toHaveLength(log.filter((entry) => entry === 'closed').length);
  });

  it('an abort while the runtime is being made', async () => {
    const controller = new AbortController();
    const pending = start([slow('connect')], controller.signal);
    const failure = expect(pending).rejects.toMatchObject({ code: 'cancelled' });
    await hanging.opened;
    controller.abort();
    await failure;
    expect(log).toEqual(['connector closed']);
  });

  it('a catalog statement that is still read when the tables change', async () => {
    const later = { from: 'memory:later', name: 'later', params: { memory_database: 'query-lifecycle' } };
    const runtime = await start([
      { ...later, from: 'memory:t', name: 't' },
      { ...later, acceleration: { engine: 'arrow' } },
    ]);
    const open = await runtime.sql('SELECT * FROM information_schema.tables');
    memoryDatabase('query-lifecycle').put('later', { schema: SCHEMA, rows: [[1]] });
    await runtime.refresh('later');
    const answers = await Promise.all(
      Array.from({ length: 4 }, async () => (await (await runtime.sql('SHOW TABLES')).toRows()).length),
    );
    expect(answers).toEqual([2, 2, 2, 2]);
    expect(await open.toRows()).toHaveLength(1);
    memoryDatabase('query-lifecycle').drop('later');
  });

  it('a result that is read twice', async () => {
    const runtime = await start([{ from: 'memory:t', name: 't', params: { memory_database: 'query-lifecycle' } }]);
    const result = await runtime.sql('SELECT * FROM t');
    expect(await result.toRows()).toEqual([{ x: 1 }]);
    await expect(result.toRows()).rejects.toMatchObject({ code: 'invalid_state' });
    const left = await runtime.sql('SELECT * FROM t');
    for await (const _ of left.rows()) break;
    await expect(left.toTable()).rejects.toMatchObject({ code: 'invalid_state' });
  });

  it('a closed runtime rejects and never throws', async () => {
    const runtime = await start([]);
    await runtime.close();
    for (const call of [runtime.sql('SELECT 1'), runtime.explain('SELECT 1'), runtime.refresh('x'), runtime.ready()])
      await expect(call).rejects.toMatchObject({ code: 'invalid_state' });
  });
});
