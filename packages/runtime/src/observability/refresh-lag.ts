import type { RefreshFinished } from '../acceleration/refresh-event.ts';
import type { MetricFamily } from './metric-family.ts';

interface Newest {
  readonly beforeMs: number | undefined;
  readonly afterMs: number;
}

/** How far refreshes moved the newest times of copies, from the second one of a process on. */
export class RefreshLag {
  readonly #newest = new Map<string, Newest>();

  /** To be told of every refresh that succeeded. */
  hear({ dataset, newestAtMs }: Pick<RefreshFinished, 'dataset' | 'newestAtMs'>): void {
    if (newestAtMs === undefined) this.#newest.delete(dataset);
    else this.#newest.set(dataset, { beforeMs: this.#newest.get(dataset)?.afterMs, afterMs: newestAtMs });
  }

  forget(dataset: string): void {
    this.#newest.delete(dataset);
  }

  families(): readonly MetricFamily[] {
    const moved = [...this.#newest].flatMap(([dataset, { beforeMs, afterMs }]) =>
      beforeMs === undefined ? [] : [{ labels: { dataset }, beforeMs, lagMs: afterMs - beforeMs }],
    );
    return [
      {
        name: 'dataset_acceleration_max_timestamp_before_refresh_ms',
        help: 'The newest value of the time column of the copy before its last refresh, in milliseconds since 1970-01-01 UTC.',
        kind: 'gauge',
        samples: moved.map(({ labels, beforeMs }) => ({ labels, value: beforeMs })),
      },
      {
        name: 'dataset_acceleration_refresh_lag_ms',
        help: 'Milliseconds by which the last refresh moved the newest value of the time column of the copy.',
        kind: 'gauge',
        samples: moved.map(({ labels, lagMs }) => ({ labels, value: lagMs })),
      },
    ];
  }
}
