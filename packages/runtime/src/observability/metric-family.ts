/** Names and values that tell the series of one metric apart. They hold no SQL, no value of a row and no secret. */
export type MetricLabels = Readonly<Record<string, string>>;

/** One number of a metric. */
export interface MetricSample {
  readonly labels: MetricLabels;
  readonly value: number | bigint;
}

/** How the values of one series are spread. */
export interface HistogramSample {
  readonly labels: MetricLabels;
  /** How many values were at or below each bound, in rising order; the last bound is infinity. */
  readonly buckets: readonly { readonly upperBound: number; readonly count: number }[];
  readonly sum: number;
  readonly count: number;
}

/** What all metrics say of themselves. */
export interface MetricDescription {
  /** In `snake_case` with the unit at the end; without the `_total` that Prometheus gives to counters. */
  readonly name: string;
  /** One sentence. */
  readonly help: string;
}

/**
 * One metric with its series. A `counter` only grows while the runtime lives, a `gauge` is what it is at the moment, a `histogram` spreads
 * values over buckets.
 */
export type MetricFamily =
  | (MetricDescription & { readonly kind: 'counter' | 'gauge'; readonly samples: readonly MetricSample[] })
  | (MetricDescription & { readonly kind: 'histogram'; readonly samples: readonly HistogramSample[] });
