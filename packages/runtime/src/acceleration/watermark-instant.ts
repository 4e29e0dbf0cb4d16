import type { TimeColumn } from './time-column.ts';

/**
 * The instant that a watermark of the column stands for, in milliseconds since 1970-01-01 UTC, cut to whole ones; undefined without a
 * watermark, and where it is beyond what a date can be. A DATE is its first moment, and a time without a zone counts as one of UTC.
 */
export function watermarkInstant(column: TimeColumn | undefined, watermark: string | undefined): number | undefined {
  if (!column || watermark === undefined) return undefined;
  const instantMs = column.scale.instantOf(column.scale.fromText(watermark));
  return instantMs !== undefined && Math.abs(instantMs) <= MAX_DATE_MS ? instantMs : undefined;
}

/** The latest that a `Date` can say. */
const MAX_DATE_MS = 8.64e15;
