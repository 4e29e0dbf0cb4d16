import { describe, expect, test } from 'vitest';
import type { Bar } from '../src/bar.ts';
import type { BenchContext, Benchmark } from '../src/benchmark.ts';
import { measure } from '../src/measure.ts';
import { formatReport, toReportEntries } from '../src/report.ts';
import { describeSamples } from '../src/statistics.ts';

const AT_MOST_TWICE: Bar = { figure: 'ours_over_peer', comparison: 'at_most', limit: 2 };

function context(rowCount: number): Pick<BenchContext, 'dataDirectory' | 'rowCount'> {
  return { dataDirectory: '', rowCount };
}

/** Ours takes 30, peer 20; `calls` learns who was asked, and `closed` in which order resources were closed. */
function benchmark(bar: Bar, calls: string[] = [], closed: string[] = []): Benchmark {
  const resource = (name: string): AsyncDisposable => ({ [Symbol.asyncDispose]: async () => void closed.push(name) });
  const side = (name: string, value: number) => async () => {
    calls.push(name);
    return [value];
  };
  return {
    name: 'fake',
    title: 'nothing against nothing',
    statedRowCount: 100,
    rows: [{ name: 'fake-row', unit: 'ms', bar }],
    prepare: async ({ own, rowCount }) => {
      own(resource('first'));
      own(resource('second'));
      return {
        rowCount,
        cases: [{ rows: ['fake-row'], repeats: 1, warmups: 2, ours: side('ours', 30), peer: side('peer', 20) }],
      };
    },
  };
}

test('ours and peer alternate, at least 7 times after the warm-up, and everything is closed', async () => {
  const calls: string[] = [];
  const closed: string[] = [];
  const [row] = await measure({ benchmark: benchmark(AT_MOST_TWICE, calls, closed), context: context(100) });
  expect(calls).toEqual(Array.from({ length: 2 + 7 }, () => ['ours', 'peer']).flat());
  expect(row?.ours.sampleCount).toBe(7);
  expect(closed).toEqual(['second', 'first']);
});

test('everything is closed when a side fails', async () => {
  const closed: string[] = [];
  const broken = benchmark(AT_MOST_TWICE, [], closed);
  const failing: Benchmark = {
    ...broken,
    prepare: async (given) => {
      await broken.prepare(given);
      throw new Error('no data');
    },
  };
  await expect(measure({ benchmark: failing, context: context(100) })).rejects.toThrow('no data');
  expect(closed).toEqual(['second', 'first']);
});

test('a bar never holds below the stated size', async () => {
  const [stated] = await measure({ benchmark: benchmark(AT_MOST_TWICE), context: context(100) });
  const [below] = await measure({ benchmark: benchmark(AT_MOST_TWICE), context: context(99) });
  expect([stated?.figure, stated?.holds]).toEqual([1.5, true]);
  expect([below?.figure, below?.holds]).toEqual([1.5, false]);
});

describe('what a bar limits', () => {
  test.each([
    [{ figure: 'ours_over_peer', comparison: 'at_most', limit: 1.4 }, 1.5, false, '<= 1.4 x', '1.50 x'],
    [{ figure: 'peer_over_ours', comparison: 'at_least', limit: 0.5 }, 20 / 30, true, '>= 0.5 x', '0.67 x'],
    [{ figure: 'ours_minus_peer', comparison: 'at_most', limit: 10 }, 10, true, '<= 10 ms', '+10.0 ms'],
    [{ figure: 'ours', comparison: 'at_most', limit: 29 }, 30, false, '<= 29 ms', '30.0 ms'],
  ] as const)('%o', async (bar, ratio, holds, barText, shown) => {
    const measured = await measure({ benchmark: benchmark(bar), context: context(100) });
    expect(toReportEntries(measured)).toEqual([
      { name: 'fake-row', ours: 30, peer: 20, unit: 'ms', ratio, bar: barText, holds, rows: 100 },
    ]);
    expect(formatReport(measured)).toContain(shown);
  });
});

test('medians and quartiles lie between the samples', () => {
  expect(describeSamples([4, 1, 3, 2])).toEqual({
    median: 2.5,
    lowerQuartile: 1.75,
    upperQuartile: 3.25,
    sampleCount: 4,
  });
  expect(() => describeSamples([])).toThrow('no samples');
});
