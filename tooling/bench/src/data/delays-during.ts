import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sample } from '../benchmark.ts';

const NS_PER_MS = 1e6;

/** 99th percentile and maximum of the event-loop delay during some work, as measured: the timer's own period of 1 ms is in them. */
export async function delaysDuring(work: () => Promise<unknown>): Promise<Sample> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  await sleep(20);
  histogram.enable();
  await sleep(20);
  histogram.reset();
  await work();
  histogram.disable();
  return [histogram.percentile(99) / NS_PER_MS, histogram.max / NS_PER_MS];
}
