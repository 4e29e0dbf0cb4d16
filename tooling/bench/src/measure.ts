import { setImmediate as nextTurn } from 'node:timers/promises';
import { figureOf, holds } from './bar.ts';
import type { BenchCase, BenchContext, Benchmark, RowSpec, Sample } from './benchmark.ts';
import { type Distribution, describeSamples } from './statistics.ts';

/** Fewer alternating pairs than this do not make a median worth showing. */
export const MIN_REPEATS = 7;
const DEFAULT_REPEATS = 9;
/** Cases with more pairs than this have short samples, and a collection before each would cost more than the sample. */
const MAX_REPEATS_WITH_COLLECTION = 50;

/** What one row of the report came to. */
export interface Measured {
  readonly row: RowSpec;
  readonly benchmark: string;
  readonly ours: Distribution;
  readonly peer: Distribution;
  /** What the bar limits; see `Bar.figure`. */
  readonly figure: number;
  readonly holds: boolean;
  /** Rows that one sample handled. */
  readonly rowCount: number;
}

/** What to measure, and how. */
export interface MeasureRequest {
  readonly benchmark: Benchmark;
  readonly context: Pick<BenchContext, 'dataDirectory' | 'rowCount'>;
  /** Measures only the case of this row. */
  readonly onlyRow?: string;
  /** Told before each step. */
  readonly onStep?: (step: string) => void;
}

/** Prepares a benchmark, warms it up, measures ours and peer in turn, and cleans up. */
export async function measure(request: MeasureRequest): Promise<readonly Measured[]> {
  const owned: AsyncDisposable[] = [];
  try {
    return await measurePrepared(request, (resource) => {
      owned.push(resource);
      return resource;
    });
  } finally {
    for (const resource of owned.reverse()) await resource[Symbol.asyncDispose]();
  }
}

async function measurePrepared(request: MeasureRequest, own: BenchContext['own']): Promise<readonly Measured[]> {
  const { benchmark, context, onlyRow, onStep } = request;
  onStep?.('preparing data');
  const prepared = await benchmark.prepare({ ...context, own });
  const measured: Measured[] = [];
  for (const one of prepared.cases) {
    if (onlyRow !== undefined && !one.rows.includes(onlyRow)) continue;
    const samples = await sampleAlternately(one, onStep);
    for (const [index, name] of one.rows.entries()) {
      const row = benchmark.rows.find((spec) => spec.name === name);
      if (row === undefined) throw new TypeError(`${benchmark.name} measures ${name}, which is none of its rows`);
      const ours = describeSamples(samples.ours.map((sample) => sample[index]!));
      const peer = describeSamples(samples.peer.map((sample) => sample[index]!));
      const figure = figureOf(row.bar, ours.median, peer.median);
      measured.push({
        row,
        benchmark: benchmark.name,
        ours,
        peer,
        figure,
        holds: holds(row.bar, figure) && prepared.rowCount >= benchmark.statedRowCount,
        rowCount: prepared.rowCount,
      });
    }
  }
  return measured;
}

async function sampleAlternately(
  one: BenchCase,
  onStep: MeasureRequest['onStep'],
): Promise<{ readonly ours: Sample[]; readonly peer: Sample[] }> {
  const repeats = Math.max(MIN_REPEATS, one.repeats ?? DEFAULT_REPEATS);
  const collect = repeats <= MAX_REPEATS_WITH_COLLECTION ? collectGarbage : async () => {};
  const name = one.rows.join(', ');
  for (let pair = 0; pair < (one.warmups ?? 1); pair += 1) {
    onStep?.(`${name}: warming up`);
    await collect();
    await one.ours();
    await collect();
    await one.peer();
  }
  const ours: Sample[] = [];
  const peer: Sample[] = [];
  for (let pair = 0; pair < repeats; pair += 1) {
    onStep?.(`${name}: ${pair + 1} of ${repeats}`);
    await collect();
    ours.push(await one.ours());
    await collect();
    peer.push(await one.peer());
  }
  return { ours, peer };
}

/**
 * What one sample leaves behind must not be cleared away in the time of the next. Native objects of node-api are freed by
 * finalizers that run in a later turn of the event loop, millions of them after the peer. Needs `--expose-gc`.
 */
async function collectGarbage(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    globalThis.gc?.();
    await nextTurn();
  }
}
