import type { ConnectorMetrics } from '../datasets/connector-pool.ts';
import type { DatasetStatus } from '../datasets/dataset.ts';
import type { CatalogStatus } from '../datasets/source-catalog.ts';
import type { ResultsCacheStats } from '../results-cache/results-cache.ts';
import type { MetricFamily, MetricSample } from './metric-family.ts';

/** What a runtime is like at one moment. */
export interface RuntimeState {
  readonly datasets: readonly DatasetStatus[];
  readonly catalogs: readonly CatalogStatus[];
  readonly connectors: readonly ConnectorMetrics[];
  readonly resultsCache: ResultsCacheStats | undefined;
}

/**
 * Numbers of states.
 *
 * Source: `dataset_load_state` of Spice; its 2 (disabled) and 5 (shutting down) do not occur here.
 */
const STATES: Readonly<Record<DatasetStatus['state'] | CatalogStatus['state'], number>> = {
  loading: 0,
  waiting: 0,
  ready: 1,
  federated: 1,
  error: 3,
  refreshing: 4,
};

/** The states of a runtime as metrics. */
export function stateMetrics(state: RuntimeState): readonly MetricFamily[] {
  const { datasets, catalogs, connectors, resultsCache } = state;
  return [
    gauge(
      'dataset_active_count',
      'Datasets that can be asked, by the engine that keeps their copies.',
      countByEngine(datasets),
    ),
    gauge(
      'dataset_load_state',
      'State of a dataset: 0 loading, 1 ready, 3 failed, 4 refreshing.',
      datasets.map((status) => ({ labels: { dataset: status.name }, value: STATES[status.state] })),
    ),
    perDataset(datasets, {
      name: 'dataset_acceleration_rows',
      help: 'Rows of the copy of a dataset.',
      valueIn: ({ rowCount }) => rowCount,
    }),
    perDataset(datasets, {
      name: 'dataset_acceleration_size_bytes',
      help: 'Bytes of the file that holds the copy of a dataset, and whatever else is kept in it.',
      valueIn: ({ fileByteCount }) => fileByteCount,
    }),
    perDataset(datasets, {
      name: 'dataset_acceleration_last_refresh_time_ms',
      help: 'When the rows of the copy were loaded, in milliseconds since 1970-01-01 UTC.',
      valueIn: ({ refreshedAtMs }) => refreshedAtMs,
    }),
    perDataset(datasets, {
      name: 'dataset_acceleration_ingestion_lag_ms',
      help: 'Milliseconds by which the newest value of the time column of the copy is in the past now.',
      valueIn: ({ lagMs }) => lagMs,
    }),
    perDataset(datasets, {
      name: 'dataset_acceleration_max_timestamp_after_refresh_ms',
      help: 'The newest value of the time column of the copy, in milliseconds since 1970-01-01 UTC.',
      valueIn: ({ newestAtMs }) => newestAtMs,
    }),
    gauge(
      'catalog_load_state',
      'State of a catalog: 0 not listed yet, 1 ready, 3 failed.',
      catalogs.map((status) => ({ labels: { catalog: status.name }, value: STATES[status.state] })),
    ),
    gauge(
      'connector_figures',
      'Figures that a connector keeps of itself, by its own names; `serves` is the first of what it serves.',
      connectors.flatMap(({ connector, serves, figures }) =>
        Object.entries(figures).map(([figure, value]) => ({
          labels: { connector, serves: serves[0] ?? '', figure },
          value,
        })),
      ),
    ),
    ...(resultsCache ? cacheMetrics(resultsCache) : []),
  ];
}

function countByEngine(datasets: readonly DatasetStatus[]): readonly MetricSample[] {
  const counts = new Map<string, number>();
  for (const { state, engine = 'none', rowCount } of datasets) {
    const isServing = state === 'federated' || rowCount !== undefined;
    counts.set(engine, (counts.get(engine) ?? 0) + (isServing ? 1 : 0));
  }
  return [...counts].map(([engine, value]) => ({ labels: { engine }, value }));
}

function cacheMetrics(stats: ResultsCacheStats): readonly MetricFamily[] {
  const { hits, misses, bypasses, evictions, invalidations, itemCount, byteCount, maxByteCount } = stats;
  return [
    counter('results_cache_requests', 'Statements that the results cache was asked for.', hits + misses),
    counter('results_cache_hits', 'Statements that the results cache answered.', hits),
    counter('results_cache_bypasses', 'Statements that the results cache takes no part in.', bypasses),
    counter('results_cache_evictions', 'Results that gave way to newer ones.', evictions),
    counter('results_cache_invalidations', 'Results that were dropped because their tables changed.', invalidations),
    gauge('results_cache_items_count', 'Results that the results cache holds.', single(itemCount)),
    gauge('results_cache_size_bytes', 'Bytes of the results that the cache holds.', single(byteCount)),
    gauge('results_cache_max_size_bytes', 'Bytes that the results cache may hold.', single(maxByteCount)),
  ];
}

interface DatasetGauge {
  readonly name: string;
  readonly help: string;
  readonly valueIn: (status: DatasetStatus) => number | bigint | undefined;
}

function perDataset(datasets: readonly DatasetStatus[], { name, help, valueIn }: DatasetGauge): MetricFamily {
  const samples = datasets.flatMap((status) => {
    const value = valueIn(status);
    return value === undefined ? [] : [{ labels: { dataset: status.name }, value }];
  });
  return gauge(name, help, samples);
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, help, kind: 'gauge', samples };
}

function counter(name: string, help: string, value: number): MetricFamily {
  return { name, help, kind: 'counter', samples: single(value) };
}

function single(value: number): readonly MetricSample[] {
  return [{ labels: {}, value }];
}
