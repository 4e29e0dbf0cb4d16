import type { DatasetStatus, RefreshListener, Runtime } from '@millrace/runtime';
import { MultiBar, type SingleBar } from 'cli-progress';
import type { OutputStream } from '../command-line-io.ts';
import { bytesText } from './bytes-text.ts';

/** Loads that are done before this are not worth a bar, in milliseconds. */
const DELAY_MS = 500;
const INTERVAL_MS = 200;

/** How far one load is. */
export interface LoadedSoFar {
  /** When it began, as `performance.now()` tells it. */
  readonly startedMs: number;
  readonly rowCount: number;
  readonly byteCount: number;
  /** Over the time from the start of the load to the last batch that was told. */
  readonly bytesPerSecond: number;
}

/** Shows on a terminal what is being loaded while the user waits for it. On anything else it shows nothing. */
export class LoadProgress {
  readonly #output: OutputStream;
  readonly #loads = new Map<string, LoadedSoFar>();

  constructor(output: OutputStream) {
    this.#output = output;
  }

  /** To be told by the runtime of refreshes. */
  readonly onRefreshEvent: RefreshListener = (event) => {
    const { dataset } = event;
    const nowMs = performance.now();
    if (event.kind === 'refresh_started') {
      this.#loads.set(dataset, { startedMs: nowMs, rowCount: 0, byteCount: 0, bytesPerSecond: 0 });
    } else if (event.kind === 'refresh_progress') {
      const { rowCount, byteCount, durationMs } = event;
      this.#loads.set(dataset, {
        startedMs: nowMs - durationMs,
        rowCount: Number(rowCount),
        byteCount,
        bytesPerSecond: durationMs > 0 ? (byteCount / durationMs) * 1_000 : 0,
      });
    } else {
      this.#loads.delete(dataset);
    }
  };

  /** Shows the loads that run while the work runs. */
  async during<T>(runtime: Pick<Runtime, 'datasets'>, work: Promise<T>): Promise<T> {
    if (this.#output.isTTY !== true) return work;
    let bars: LoadBars | undefined;
    const startedMs = performance.now();
    const timer = setInterval(() => {
      if (performance.now() - startedMs < DELAY_MS) return;
      const loading = runtime.datasets().filter(({ state }) => state === 'loading' || state === 'refreshing');
      if (loading.length > 0) bars ??= new LoadBars(this.#output);
      bars?.show(loading, this.#loads);
    }, INTERVAL_MS);
    try {
      return await work;
    } finally {
      clearInterval(timer);
      bars?.stop();
    }
  }
}

/** What a bar shows beside its value. */
interface BarPayload {
  readonly status: DatasetStatus;
  readonly load: LoadedSoFar | undefined;
}

/** One line on the terminal for each dataset that is being loaded. */
class LoadBars {
  readonly #bars: MultiBar;
  readonly #shown = new Map<string, SingleBar>();

  constructor(output: OutputStream) {
    this.#bars = new MultiBar({
      stream: output,
      clearOnComplete: true,
      hideCursor: true,
      format: (_options, { total, startTime }, { status, load }: BarPayload) => {
        const elapsedMs = load ? performance.now() - load.startedMs : Date.now() - startTime;
        return describeLoad({ status, load, total, elapsedMs });
      },
    });
  }

  show(loading: readonly DatasetStatus[], loads: ReadonlyMap<string, LoadedSoFar>): void {
    for (const [name, bar] of this.#shown) {
      if (loading.some((status) => status.name === name)) continue;
      this.#bars.remove(bar);
      this.#shown.delete(name);
    }
    for (const status of loading) {
      const load = loads.get(status.name);
      const payload: BarPayload = { status, load };
      const value = load?.rowCount ?? 0;
      const bar = this.#shown.get(status.name);
      if (bar) bar.update(value, payload);
      else this.#shown.set(status.name, this.#bars.create(Number(status.rowCount ?? 0n), value, payload));
    }
  }

  stop(): void {
    this.#bars.stop();
  }
}

const BAR_WIDTH = 24;

/** One line: with a bar where the rows of the last load say about how many there will be. */
export function describeLoad(line: {
  readonly status: Pick<DatasetStatus, 'name' | 'state'>;
  /** Undefined before it has begun. */
  readonly load: Pick<LoadedSoFar, 'rowCount' | 'byteCount' | 'bytesPerSecond'> | undefined;
  /** Rows; 0 when it is not known. */
  readonly total: number;
  readonly elapsedMs: number;
}): string {
  const { status, load, total, elapsedMs } = line;
  const { rowCount, byteCount, bytesPerSecond } = load ?? { rowCount: 0, byteCount: 0, bytesPerSecond: 0 };
  const share = total > 0 && rowCount > 0 ? Math.min(1, rowCount / total) : undefined;
  const filled = Math.round((share ?? 0) * BAR_WIDTH);
  const bar = share === undefined ? '' : ` ${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
  const parts = [
    ...(rowCount > 0 ? [`${rowCount.toLocaleString('en-US')} rows`] : []),
    ...(byteCount > 0 ? [bytesText(byteCount)] : []),
    ...(bytesPerSecond > 0 ? [`${bytesText(bytesPerSecond)}/s`] : []),
    `${(elapsedMs / 1_000).toFixed(1)} s`,
  ];
  return `${status.state} ${status.name}${bar} ${parts.join(', ')}`;
}
