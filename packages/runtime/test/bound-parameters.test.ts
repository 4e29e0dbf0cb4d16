import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { expect, it } from 'vitest';
import { createRuntime, type QueryResult } from '../src/index.ts';

const STORE = 'bound-parameters';

async function idsOf(result: Promise<QueryResult>): Promise<unknown[]> {
  return (await (await result).toRows()).map(({ id }) => id);
}

it.each([true, false])(
  'are those of the call, whatever becomes of the array or object (cache: %s)',
  async (enabled) => {
    memoryDatabase(STORE).put('t', {
      schema: { fields: [field('id', dataTypes.int32())] },
      rows: [[1], [2], [3], [4]],
    });
    await using runtime = await createRuntime({
      config: {
        datasets: [{ from: 'memory:t', name: 't', params: { memory_database: STORE } }],
        runtime: { caching: { sql_results: { enabled } } },
      },
      registry: createRegistry({ connectors: [memoryConnector] }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    const parameters = [1];
    const named = { id: 3 };
    const first = idsOf(runtime.sql('SELECT id FROM t WHERE id = $1', { parameters }));
    const third = idsOf(runtime.sql('SELECT id FROM t WHERE id = $id', { parameters: named }));
    parameters[0] = 2;
    named.id = 4;
    const second = idsOf(runtime.sql('SELECT id FROM t WHERE id = $1', { parameters }));
    const fourth = idsOf(runtime.sql('SELECT id FROM t WHERE id = $id', { parameters: named }));
    expect(await Promise.all([first, second, third, fourth])).toEqual([[1], [2], [3], [4]]);
    expect(await idsOf(runtime.sql('SELECT id FROM t WHERE id = $1', { parameters: [1] }))).toEqual([1]);
  },
);
