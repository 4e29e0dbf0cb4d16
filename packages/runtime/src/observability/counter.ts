import type { MetricDescription, MetricFamily, MetricLabels } from './metric-family.ts';

/** A number for each set of labels, which only grows. */
export class Counter {
  readonly #description: MetricDescription;
  readonly #series = new Map<string, { readonly labels: MetricLabels; value: number }>();

  constructor(description: MetricDescription) {
    this.#description = description;
  }

  /** The labels' names are the same at every call. */
  add(count: number, labels: MetricLabels = {}): void {
    const key = seriesKey(labels);
    const series = this.#series.get(key);
    if (series) series.value += count;
    else this.#series.set(key, { labels, value: count });
  }

  /** Drops the series whose labels are not wanted any more. */
  keep(isWanted: (labels: MetricLabels) => boolean): void {
    for (const [key, { labels }] of this.#series) if (!isWanted(labels)) this.#series.delete(key);
  }

  toFamily(): MetricFamily {
    const samples = [...this.#series.values()].map(({ labels, value }) => ({ labels, value }));
    return { ...this.#description, kind: 'counter', samples };
  }
}

/** Equal for equal labels that were given in the same order. */
export function seriesKey(labels: MetricLabels): string {
  return JSON.stringify(Object.values(labels));
}
