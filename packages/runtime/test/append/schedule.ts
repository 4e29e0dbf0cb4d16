import { type DataType, dataTypes, TimeUnit } from '@millrace/core';
import fc from 'fast-check';
import type { TimeFormat } from '../../src/index.ts';

/** A column of times as a schedule uses it. */
export interface TimeKind {
  readonly name: string;
  readonly type: DataType;
  readonly format?: TimeFormat;
  /** Milliseconds between two neighbouring times of a schedule. */
  readonly tickMs: number;
  /** Milliseconds that the values of the column tell apart. */
  readonly stepMs: number;
  toValue(instantMs: number): unknown;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
const START = Date.UTC(2026, 1, 26, 21, 0, 0);

const micros = (instantMs: number) => BigInt(instantMs) * 1_000n;

/** An ISO text on a clock that is so many minutes ahead of UTC. */
const iso = (minutes: number, zone: string, separator: string) => (instantMs: number) =>
  `${new Date(instantMs + minutes * MINUTE).toISOString().slice(0, 23).replace('T', separator)}${zone}`;

/** Every form that a time column may have. */
export const TIME_KINDS: readonly TimeKind[] = [
  { name: 'timestamp', type: dataTypes.timestamp(), tickMs: 10 * MINUTE, stepMs: 1, toValue: micros },
  {
    name: 'timestamp in seconds',
    type: dataTypes.timestamp(TimeUnit.Second),
    tickMs: 1_000,
    stepMs: 1_000,
    toValue: (instantMs) => BigInt(instantMs / 1_000),
  },
  {
    name: 'timestamp in nanoseconds',
    type: dataTypes.timestamp(TimeUnit.Nanosecond),
    format: 'timestamp',
    tickMs: 1,
    stepMs: 1,
    toValue: (instantMs) => BigInt(instantMs) * 1_000_000n + 7n,
  },
  {
    name: 'timestamptz in UTC',
    type: dataTypes.timestamp(TimeUnit.Microsecond, 'UTC'),
    tickMs: 7,
    stepMs: 1,
    toValue: micros,
  },
  {
    name: 'timestamptz elsewhere',
    type: dataTypes.timestamp(TimeUnit.Millisecond, 'Asia/Kolkata'),
    format: 'timestamptz',
    tickMs: 45 * MINUTE,
    stepMs: 1,
    toValue: (instantMs) => BigInt(instantMs),
  },
  {
    name: 'date',
    type: dataTypes.date(),
    tickMs: DAY / 4,
    stepMs: DAY,
    toValue: (instantMs) => Math.floor(instantMs / DAY),
  },
  {
    name: 'seconds in int32',
    type: dataTypes.int32(),
    format: 'unix_seconds',
    tickMs: 30_000,
    stepMs: 1_000,
    toValue: (instantMs) => instantMs / 1_000,
  },
  {
    name: 'milliseconds in int64',
    type: dataTypes.int64(),
    format: 'unix_millis',
    tickMs: 3,
    stepMs: 1,
    toValue: (instantMs) => BigInt(instantMs),
  },
  {
    name: 'seconds in float64',
    type: dataTypes.float64(),
    format: 'unix_seconds',
    tickMs: 500,
    stepMs: 1,
    toValue: (instantMs) => instantMs / 1_000,
  },
  {
    name: 'ISO text in UTC',
    type: dataTypes.utf8(),
    tickMs: 10 * MINUTE,
    stepMs: 1,
    toValue: iso(0, 'Z', 'T'),
  },
  {
    name: 'ISO text with an offset',
    type: dataTypes.utf8(),
    format: 'ISO8601',
    tickMs: 10 * MINUTE,
    stepMs: 1,
    toValue: iso(330, '+05:30', ' '),
  },
  {
    name: 'ISO text of days',
    type: dataTypes.utf8(),
    tickMs: DAY / 3,
    stepMs: DAY,
    toValue: (instantMs) => new Date(instantMs).toISOString().slice(0, 10),
  },
];

/** A row that a schedule inserts: so many ticks from the newest one then, or without a time. */
interface Insert {
  readonly ticks: number | null;
  readonly id: number;
  readonly copies: number;
}

/** Inserts between refreshes. */
export interface Schedule {
  readonly kind: TimeKind;
  readonly overlapTicks: number;
  readonly steps: readonly (readonly Insert[])[];
}

/** Schedules most of which keep to their overlap, and some of which do not. */
export function schedules(): fc.Arbitrary<Schedule> {
  return fc
    .record({
      kind: fc.constantFrom(...TIME_KINDS),
      overlapTicks: fc.constantFrom(0, 2, 6),
      beyond: fc.constantFrom(0, 0, 0, 9),
    })
    .chain(({ kind, overlapTicks, beyond }) =>
      fc.record({
        kind: fc.constant(kind),
        overlapTicks: fc.constant(overlapTicks),
        steps: fc.array(
          fc.array(
            fc.record({
              ticks: fc.oneof(
                { weight: 8, arbitrary: fc.integer({ min: -overlapTicks - beyond, max: 4 }) },
                { weight: 1, arbitrary: fc.constant(null) },
              ),
              id: fc.integer({ min: 1, max: 4 }),
              copies: fc.constantFrom(1, 1, 1, 2, 3),
            }),
            { maxLength: 8 },
          ),
          { minLength: 2, maxLength: 7 },
        ),
      }),
    );
}

/** A row as it stands in the source, and whether the documented rule says that an append misses it. */
export interface SourceRow {
  readonly values: readonly [number, unknown, string];
  readonly isLate: boolean;
}

/**
 * Plays the inserts up to a step. The rule: an append reads again from the newest time that was there at the refresh before, less the
 * overlap, rounded down to what the column tells apart; a row inserted later with an earlier time is missed.
 */
export function play({ kind, overlapTicks, steps }: Schedule): readonly (readonly SourceRow[])[] {
  const rows: SourceRow[] = [];
  let newest: number | undefined;
  let bound = Number.NEGATIVE_INFINITY;
  return steps.map((inserts) => {
    const base = newest ?? START;
    for (const { ticks, id, copies } of inserts) {
      const instantMs = ticks === null ? undefined : base + ticks * kind.tickMs;
      const value = instantMs === undefined ? null : kind.toValue(instantMs);
      const isLate = instantMs !== undefined && roundDown(instantMs, kind) < bound;
      for (let copy = 0; copy < copies; copy += 1) rows.push({ values: [id, value, `v${id % 3}`], isLate });
      if (instantMs !== undefined) newest = Math.max(newest ?? instantMs, instantMs);
    }
    if (newest !== undefined) {
      bound = roundDown(roundDown(newest, kind) - overlapTicks * kind.tickMs, kind);
    }
    return [...rows];
  });
}

function roundDown(instantMs: number, { stepMs }: TimeKind): number {
  return Math.floor(instantMs / stepMs) * stepMs;
}
