import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { createGate } from '@millrace/test-fixtures';
import { expect, it } from 'vitest';
import { createRuntime } from '../../src/index.ts';
import { createFaultySource } from './faulty-source.ts';
import { ManualClock } from './manual-clock.ts';

const STORE = 'live-window';
const HOUR = 3_600_000;

it('the source answers before the first load with the rows of the data window, by the clock that refreshes go by', async () => {
  const source = createFaultySource();
  const clock = new ManualClock();
  clock.advance(10 * 365 * 24 * HOUR);
  const hoursAgo = (hours: number): bigint => BigInt(clock.now() - hours * HOUR) * 1_000n;
  memoryDatabase(STORE).put('a', {
    schema: { fields: [field('id', dataTypes.int32()), field('at', dataTypes.timestamp())] },
    rows: [
      [1, hoursAgo(1)],
      [2, hoursAgo(5)],
    ],
  });
  const gate = createGate();
  source.gate = gate.opened;
  await using runtime = await createRuntime({
    config: {
      datasets: [
        {
          from: 'faulty:a',
          name: 'a',
          params: { memory_database: STORE },
          time_column: 'at',
          ready_state: 'on_registration',
          acceleration: { engine: 'arrow', refresh_data_window: '3h' },
        },
      ],
    },
    registry: createRegistry({ connectors: [source.plugin], accelerators: [arrowAccelerator] }),
    clock,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const ids = async () => (await (await runtime.sql('SELECT id FROM a')).toRows()).map(({ id }) => id);
  await expect.poll(() => source.reading, { timeout: 60_000 }).toBe(1);
  source.gate = undefined;
  expect(await ids()).toEqual([1]);
  gate.open();
  await runtime.ready();
  expect(await ids()).toEqual([1]);
});
