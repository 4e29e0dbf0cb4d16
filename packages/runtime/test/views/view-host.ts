import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { ENGINES, type EngineMode, openEngine } from '@millrace/engines';
import {
  type AccelerationInput,
  createRuntime,
  type DatasetInput,
  type DatasetStatus,
  type RefreshEvent,
  type Row,
  type Runtime,
  type RuntimeConfigInput,
} from '../../src/index.ts';
import { createFaultySource, type FaultySource } from '../worker/faulty-source.ts';
import { ManualClock } from '../worker/manual-clock.ts';

/** The store of the memory connector with the table `sales`. */
export const STORE = 'accelerated-views';

/** A query over {@link putSales}, one row a shop. */
export const TOTALS =
  'SELECT shop, count(*) AS n, sum(amount) AS total, max(sold_at) AS latest FROM sales GROUP BY shop';

/** Runtimes with views over the table `sales`, on a clock of their own and a source that can be made to fail. */
export class ViewHost implements AsyncDisposable {
  readonly source: FaultySource = createFaultySource();
  readonly clock: ManualClock = new ManualClock();
  readonly #folder = mkdtempSync(join(tmpdir(), 'millrace-views-'));
  readonly #runtimes: Runtime[] = [];
  readonly #closing: (() => Promise<void>)[] = [];
  readonly #events: RefreshEvent[] = [];
  #wake: () => void = () => {};

  constructor() {
    putSales(1);
  }

  async start(config: RuntimeConfigInput): Promise<Runtime> {
    const runtime = await createRuntime({
      config,
      clock: this.clock,
      baseDirectory: this.#folder,
      registry: createRegistry({ connectors: [this.source.plugin], accelerators: ENGINES }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      onRefreshEvent: (event) => {
        this.#events.push(event);
        this.#wake();
      },
    });
    this.#runtimes.push(runtime);
    return runtime;
  }

  /** An acceleration by an engine in one of its modes, with a place for its copies. */
  async accelerationBy(engineMode: EngineMode): Promise<AccelerationInput> {
    const { params, close } = await openEngine(engineMode.engine);
    this.#closing.push(close);
    return { ...engineMode, params };
  }

  /** The datasets of the refreshes that have succeeded, in their order. */
  get refreshed(): readonly string[] {
    return this.#ended('refresh_finished');
  }

  /** The datasets of the refreshes that have failed, in their order. */
  get failed(): readonly string[] {
    return this.#ended('refresh_failed');
  }

  /** Waits until the events of refreshes have made something true. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    // What is planned behind the event is planned by then.
    await new Promise((resolve) => setImmediate(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#runtimes.splice(0).map((runtime) => runtime.close()));
    await Promise.all(this.#closing.splice(0).map((close) => close()));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #ended(wanted: 'refresh_finished' | 'refresh_failed'): readonly string[] {
    return this.#events.flatMap(({ kind, dataset }) => (kind === wanted ? [dataset] : []));
  }
}

/** Sales of three shops and of none: `version` is part of every amount. */
export function putSales(version: number, rowCount = 30): void {
  memoryDatabase(STORE).put('sales', {
    schema: {
      fields: [
        field('id', dataTypes.int64()),
        field('shop', dataTypes.utf8()),
        field('amount', dataTypes.decimal(12, 2)),
        field('sold_at', dataTypes.timestamp()),
      ],
    },
    rows: Array.from({ length: rowCount }, (_, id) => [
      BigInt(id),
      id % 7 === 6 ? null : `shop ${id % 3}`,
      BigInt(version * 100_000 + id * 25),
      BigInt(Date.UTC(2026, 0, 1 + Math.floor(id / 5))) * 1_000n,
    ]),
  });
}

/** The dataset over that table. */
export function sales(acceleration?: AccelerationInput): DatasetInput {
  return {
    from: 'faulty:sales',
    name: 'sales',
    params: { memory_database: STORE },
    ...(acceleration ? { acceleration } : {}),
  };
}

export async function rowsOf(runtime: Runtime, sql: string): Promise<Row[]> {
  return (await runtime.sql(sql)).toRows();
}

export function statusOf(runtime: Runtime, name: string): DatasetStatus | undefined {
  return runtime.datasets().find((each) => each.name === name);
}
