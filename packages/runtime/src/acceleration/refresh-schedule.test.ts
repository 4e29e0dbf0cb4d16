import { expect, it } from 'vitest';
import { createRefreshSchedule } from './refresh-schedule.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 29, 12, 0, 30);
const CLOCK = { now: () => NOW, random: () => 0.5, setTimer: () => () => {} };

it.each([
  ['an interval', { refreshCheckIntervalMs: 10 * MINUTE }, 10 * MINUTE],
  ['a pattern', { refreshCron: '5,35 * * * *' }, 4.5 * MINUTE],
])('%s goes on where the clock was set back since the last refresh', (_, config, nextMs) => {
  const schedule = createRefreshSchedule(config, CLOCK);
  const yearAhead = NOW + 365 * 24 * 60 * MINUTE;
  expect(schedule.nextDelayMs(yearAhead)).toBe(nextMs);
  expect(schedule.isStale(yearAhead)).toBe(false);
  expect(schedule.nextDelayMs(NOW)).toBe(nextMs);
  expect(schedule.isStale(NOW - 60 * MINUTE)).toBe(true);
});
