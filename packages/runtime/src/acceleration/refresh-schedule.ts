import { Cron } from 'croner';
import type { AccelerationConfig } from '../config/index.ts';
import type { Clock } from './clock.ts';

/** When a dataset is refreshed by itself. */
export interface RefreshSchedule {
  /** Milliseconds from now to the next refresh after one that ended at an instant, at the latest now by the clock; undefined for never. */
  nextDelayMs(sinceMs: number): number | undefined;
  /** Whether rows of that age would have been replaced by now. */
  isStale(refreshedAtMs: number): boolean;
  /** Milliseconds by which the first load is put off. */
  startDelayMs(): number;
}

/** Makes the schedule of an interval or of a cron pattern, whose fields count in UTC. Jitter is drawn anew for every refresh. */
export function createRefreshSchedule(
  config: Pick<AccelerationConfig, 'refreshCheckIntervalMs' | 'refreshCron' | 'refreshJitterMs'>,
  clock: Clock,
): RefreshSchedule {
  const { refreshCheckIntervalMs: intervalMs, refreshCron: pattern, refreshJitterMs: jitterMs = 0 } = config;
  const cron = pattern === undefined ? undefined : new Cron(pattern, { timezone: 'UTC', paused: true });
  const dueAfter = (endedMs: number): number | undefined => {
    // A clock that was set back since would put the next one off by as much.
    const sinceMs = Math.min(endedMs, clock.now());
    if (intervalMs !== undefined) return sinceMs + intervalMs;
    return cron?.nextRun(new Date(sinceMs))?.getTime();
  };
  return {
    nextDelayMs: (sinceMs) => {
      const dueMs = dueAfter(sinceMs);
      if (dueMs === undefined) return undefined;
      // An interval is lengthened or shortened, a time of day is only put off.
      const jitter = jitterMs * (intervalMs === undefined ? clock.random() : clock.random() * 2 - 1);
      return Math.max(0, dueMs - clock.now() + Math.round(jitter));
    },
    isStale: (refreshedAtMs) => {
      const dueMs = dueAfter(refreshedAtMs);
      return dueMs !== undefined && dueMs <= clock.now();
    },
    startDelayMs: () => Math.round(jitterMs * clock.random()),
  };
}
