import { type DataType, dataTypes, field, TimeUnit } from '@millrace/core';
import { expect, it } from 'vitest';
import { toTimeScale } from '../../src/acceleration/time-scale.ts';
import { watermarkInstant } from '../../src/acceleration/watermark-instant.ts';
import type { TimeFormat } from '../../src/index.ts';

const AT_MS = Date.UTC(2026, 10, 29, 12, 0, 30);

it.each<readonly [TimeFormat, DataType, string, number | undefined]>([
  ['timestamp', dataTypes.timestamp(TimeUnit.Microsecond), String(BigInt(AT_MS) * 1_000n + 999n), AT_MS],
  ['timestamptz', dataTypes.timestamp(TimeUnit.Nanosecond, 'UTC'), String(BigInt(AT_MS) * 1_000_000n), AT_MS],
  ['timestamp', dataTypes.timestamp(TimeUnit.Second), String(AT_MS / 1_000), AT_MS],
  ['timestamp', dataTypes.timestamp(TimeUnit.Microsecond), '-1', -1],
  ['date', dataTypes.date(), String(Math.floor(AT_MS / 86_400_000)), Date.UTC(2026, 10, 29)],
  ['unix_seconds', dataTypes.int32(), String(AT_MS / 1_000), AT_MS],
  ['unix_millis', dataTypes.int64(), String(AT_MS), AT_MS],
  ['unix_seconds', dataTypes.float64(), String(AT_MS / 1_000 + 0.25), AT_MS + 250],
  ['unix_millis', dataTypes.int64(), String(2n ** 62n), undefined],
  ['ISO8601', dataTypes.utf8(), '2026-11-29T12:00:30Z', AT_MS],
  ['ISO8601', dataTypes.utf8(), '2026-11-29 13:30:30.5+01:30', AT_MS + 500],
  ['ISO8601', dataTypes.utf8(), '2026-11-29', Date.UTC(2026, 10, 29)],
  ['ISO8601', dataTypes.utf8(), 'yesterday', undefined],
])('reads a watermark of %s %o: %s', (format, type, text, expected) => {
  const column = { ordinal: 0, field: field('at', type), format, scale: toTimeScale(type, format) };
  expect(watermarkInstant(column, text)).toBe(expected);
  expect(watermarkInstant(column, undefined)).toBeUndefined();
  expect(watermarkInstant(undefined, text)).toBeUndefined();
});
