import { describe, expect, it } from 'vitest';
import { formatPrometheus, type MetricFamily } from '../../src/index.ts';
import { Counter } from '../../src/observability/counter.ts';
import { Histogram } from '../../src/observability/histogram.ts';
import { parsePrometheus } from './parse-prometheus.ts';

const gauge = (value: number | bigint, labels: Readonly<Record<string, string>> = {}): MetricFamily => ({
  name: 'a_gauge',
  help: 'A gauge.',
  kind: 'gauge',
  samples: [{ labels, value }],
});

describe('the text for Prometheus', () => {
  it.each(['plain', 'with "quotes"', 'back\\slash', 'two\nlines', '\\n is no line', 'ends with \\', '{a="b"},', 'ä €'])(
    'keeps the label %j',
    (label) => {
      const family = parsePrometheus(formatPrometheus([gauge(1, { label, other: 'x' })])).get('a_gauge');
      expect(family).toEqual({
        help: 'A gauge.',
        type: 'gauge',
        samples: [{ name: 'a_gauge', labels: { label, other: 'x' }, value: 1 }],
      });
    },
  );

  it.each([0, 1.5, 1e21, 1e-9, -3, 2n ** 62n, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])(
    'keeps the number %s',
    (value) => {
      expect(parsePrometheus(formatPrometheus([gauge(value)])).get('a_gauge')?.samples[0]?.value).toBe(Number(value));
    },
  );

  it('escapes the description, ends the names of counters in _total, and leaves out what has no series', () => {
    const counter = new Counter({ name: 'things', help: 'Of \\ and\nmore.' });
    expect(formatPrometheus([counter.toFamily()])).toBe('');
    counter.add(2, { kind: 'a' });
    counter.add(3, { kind: 'a' });
    counter.add(1, { kind: 'b' });
    const text = formatPrometheus([counter.toFamily(), gauge(1)], { prefix: 'app_' });
    expect(text).toBe(
      [
        '# HELP app_things_total Of \\\\ and\\nmore.',
        '# TYPE app_things_total counter',
        'app_things_total{kind="a"} 5',
        'app_things_total{kind="b"} 1',
        '# HELP app_a_gauge A gauge.',
        '# TYPE app_a_gauge gauge',
        'app_a_gauge 1',
        '',
      ].join('\n'),
    );
    expect(parsePrometheus(text).get('app_things_total')?.help).toBe('Of \\ and\nmore.');
    expect(() => formatPrometheus([], { prefix: '1' })).toThrow(TypeError);
  });

  it('spreads the values of a histogram over buckets that add up', () => {
    const histogram = new Histogram({ name: 'waits_ms', help: 'Waits.', bounds: [1, 10] });
    for (const value of [0.5, 1, 1.5, 10, 11, 1_000]) histogram.observe(value, { dataset: 'a' });
    histogram.observe(3, { dataset: 'b' });
    const text = formatPrometheus([histogram.toFamily()]);
    expect(parsePrometheus(text).get('waits_ms')?.type).toBe('histogram');
    expect(text.split('\n').slice(2, 7)).toEqual([
      'waits_ms_bucket{dataset="a",le="1"} 2',
      'waits_ms_bucket{dataset="a",le="10"} 4',
      'waits_ms_bucket{dataset="a",le="+Inf"} 6',
      'waits_ms_sum{dataset="a"} 1024',
      'waits_ms_count{dataset="a"} 6',
    ]);
  });
});
