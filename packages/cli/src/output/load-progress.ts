import type { DatasetStatus, RefreshProgress, Runtime } from '@millrace/runtime';
import { MultiBar, type SingleBar } from 'cli-progress';
import type { OutputStream } from '../command-line-io.ts';

/** Loads that are done before this are not worth a bar, in milliseconds. */
const DELAY_MS = 500;
const INTERVAL_MS = 200;

/** Shows on a terminal what is being loaded while the user waits for it. On anything else it shows nothing. */
export class LoadProgress {
  readonly #output: OutputStream;
  readonly #loaded = new Map<string, bigint>();

  constructor(output: OutputStream) {
    this.#output = output;
  }

  /** To be told by the runtime how far a load is. */
  readonly onProgress: RefreshProgress = ({ dataset, rowCount }) => {
    this.#loaded.set(dataset, rowCount);
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
      bars?.show(loading, this.#loaded);
    }, INTERVAL_MS);
    try {
      return await work;
    } finally {
      clearInterval(timer);
      bars?.stop();
    }
  }
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
      format: (_options, { value, total, startTime }, { status }: { readonly status: DatasetStatus }) =>
        describeLoad({ status, value, total, elapsedMs: Date.now() - startTime }),
    });
  }

  show(loading: readonly DatasetStatus[], loaded: ReadonlyMap<string, bigint>): void {
    for (const [name, bar] of this.#shown) {
      if (loading.some((status) => status.name === name)) continue;
      this.#bars.remove(bar);
      this.#shown.delete(name);
    }
    for (const status of loading) {
      const value = Number(loaded.get(status.name) ?? 0n);
      const bar = this.#shown.get(status.name);
      if (bar) bar.update(value, { status });
      else this.#shown.set(status.name, this.#bars.create(Number(status.rowCount ?? 0n), value, { status }));
    }
  }

  stop(): void {
    this.#bars.stop();
  }
}

const BAR_WIDTH = 24;

/** One line: with a bar where the rows of the last load say about how many there will be. */
export function describeLoad(load: {
  readonly status: Pick<DatasetStatus, 'name' | 'state'>;
  readonly value: number;
  /** 0 when it is not known. */
  readonly total: number;
  readonly elapsedMs: number;
}): string {
  const { status, value, total, elapsedMs } = load;
  const share = total > 0 && value > 0 ? Math.min(1, value / total) : undefined;
  const filled = Math.round((share ?? 0) * BAR_WIDTH);
  const bar = share === undefined ? '' : ` ${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
  const rows = value > 0 ? ` ${value.toLocaleString('en-US')} rows,` : '';
  return `${status.state} ${status.name}${bar}${rows} ${(elapsedMs / 1_000).toFixed(1)} s`;
}
