import { seriesKey } from './counter.ts';
import type { HistogramSample, MetricDescription, MetricFamily, MetricLabels } from './metric-family.ts';

interface Series {
  readonly labels: MetricLabels;
  /** Of each bucket alone; the last one has no bound. */
  readonly counts: number[];
  sum: number;
}

/** How values are spread, for each set of labels. */
export class Histogram {
  readonly #description: MetricDescription;
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, Series>();

  /** Bounds rise and are finite; what is above the last one has a bucket as well. */
  constructor({ bounds, ...description }: MetricDescription & { readonly bounds: readonly number[] }) {
    this.#description = description;
    this.#bounds = bounds;
  }

  /** The labels' names are the same at every call. */
  observe(value: number, labels: MetricLabels = {}): void {
    const key = seriesKey(labels);
    let series = this.#series.get(key);
    if (!series) {
      series = { labels, counts: new Array<number>(this.#bounds.length + 1).fill(0), sum: 0 };
      this.#series.set(key, series);
    }
    const found = this.#bounds.findIndex((bound) => value <= bound);
    const index = found < 0 ? this.#bounds.length : found;
    series.counts[index] = (series.counts[index] ?? 0) + 1;
    series.sum += value;
  }

  /** Drops the series whose labels are not wanted any more. */
  keep(isWanted: (labels: MetricLabels) => boolean): void {
    for (const [key, { labels }] of this.#series) if (!isWanted(labels)) this.#series.delete(key);
  }

  toFamily(): MetricFamily {
    return {
      ...this.#description,
      kind: 'histogram',
      samples: [...this.#series.values()].map((series) => this.#toSample(series)),
    };
  }

  #toSample({ labels, counts, sum }: Series): HistogramSample {
    let count = 0;
    const buckets = counts.map((own, index) => {
      count += own;
      return { upperBound: this.#bounds[index] ?? Number.POSITIVE_INFINITY, count };
    });
    return { labels, buckets, sum, count };
  }
}
