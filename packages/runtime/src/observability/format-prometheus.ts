import type { HistogramSample, MetricFamily, MetricLabels } from './metric-family.ts';

/** The media type of {@link formatPrometheus}'s text. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** How metrics are written. */
export interface PrometheusOptions {
  /** Put in front of every name, for example `millrace_`; default nothing. */
  readonly prefix?: string;
}

/**
 * Writes metrics in Prometheus' text format: HELP and TYPE, then a line for each series; the names of counters end in `_total`. A metric
 * without a series is left out.
 *
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4).
 *
 * @throws TypeError for a prefix that no name can begin with.
 */
export function formatPrometheus(families: readonly MetricFamily[], { prefix = '' }: PrometheusOptions = {}): string {
  if (!/^([a-zA-Z_:][a-zA-Z0-9_:]*)?$/.test(prefix)) throw new TypeError(`no name can begin with ${prefix}`);
  return families.map((family) => formatFamily(family, prefix)).join('');
}

function formatFamily(family: MetricFamily, prefix: string): string {
  if (family.samples.length === 0) return '';
  const name = `${prefix}${family.name}${family.kind === 'counter' ? '_total' : ''}`;
  const lines = [`# HELP ${name} ${escapeText(family.help)}`, `# TYPE ${name} ${family.kind}`];
  if (family.kind === 'histogram') lines.push(...family.samples.flatMap((sample) => histogramLines(name, sample)));
  else lines.push(...family.samples.map(({ labels, value }) => line(name, labels, value)));
  return `${lines.join('\n')}\n`;
}

function histogramLines(name: string, { labels, buckets, sum, count }: HistogramSample): string[] {
  return [
    ...buckets.map((bucket) => line(`${name}_bucket`, { ...labels, le: formatValue(bucket.upperBound) }, bucket.count)),
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, count),
  ];
}

function line(name: string, labels: MetricLabels, value: number | bigint): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeText(text).replaceAll('"', '\\"')}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${formatValue(value)}`;
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function formatValue(value: number | bigint): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}
