import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { memoryConnector } from '@millrace/connector-memory';
import { createRegistry } from '@millrace/core/registry';
import {
  type AccelerationInput,
  createRuntime,
  type RefreshEvent,
  type Runtime,
  type RuntimeConfigInput,
  type RuntimeOptions,
} from '../../src/index.ts';
import { ManualClock } from '../worker/manual-clock.ts';
import { createSteppedSource, type SteppedSource } from './stepped-source.ts';

/** The password of the source in every configuration. */
export const PASSWORD = 'stepped-password-5e1d';

/** A runtime over a stepped source, with a clock that stands still and every event that was told. */
export interface WatchedRuntime extends AsyncDisposable {
  readonly source: SteppedSource;
  readonly clock: ManualClock;
  readonly events: RefreshEvent[];
  /** The runtime; there is one after `start`. */
  readonly runtime: Runtime;
  /** Datasets of the source, federated where undefined; one that has a `refresh_mode` has a time column. */
  start(datasets: Readonly<Record<string, AccelerationInput | undefined>>, options?: RuntimeOptions): Promise<Runtime>;
  /** Waits until so many refreshes have ended, and gives the last of them. */
  ended(count: number): Promise<RefreshEvent>;
}

/** Makes a runtime that is watched; nothing has started yet. */
export function createWatchedRuntime(): WatchedRuntime {
  const source = createSteppedSource();
  const clock = new ManualClock();
  const events: RefreshEvent[] = [];
  let wake = (): void => {};
  let runtime: Runtime | undefined;
  const ends = () => events.filter(({ kind }) => kind === 'refresh_finished' || kind === 'refresh_failed');
  return {
    source,
    clock,
    events,
    get runtime() {
      if (!runtime) throw new Error('the runtime has not been started');
      return runtime;
    },
    start: async (datasets, options = {}) => {
      runtime = await createRuntime({
        config: toConfig(datasets),
        clock,
        registry: createRegistry({
          connectors: [source.plugin, memoryConnector],
          accelerators: [arrowAccelerator, duckdbAccelerator],
        }),
        logger: { debug() {}, info() {}, warn() {}, error() {} },
        onRefreshEvent: (event) => {
          events.push(event);
          wake();
        },
        ...options,
      });
      return runtime;
    },
    ended: async (count) => {
      while (ends().length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      // What was planned behind the event is planned by then.
      await new Promise((resolve) => setImmediate(resolve));
      return ends()[count - 1]!;
    },
    [Symbol.asyncDispose]: async () => runtime?.close(),
  };
}

function toConfig(datasets: Readonly<Record<string, AccelerationInput | undefined>>): RuntimeConfigInput {
  return {
    datasets: Object.entries(datasets).map(([name, acceleration]) => ({
      from: `stepped:${name}`,
      name,
      params: { stepped_password: PASSWORD },
      ...(acceleration?.refresh_mode ? { time_column: 'at', time_format: 'unix_millis' as const } : {}),
      ...(acceleration ? { acceleration } : {}),
    })),
  };
}
