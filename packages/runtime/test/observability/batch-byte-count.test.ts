import { batchFromRows, sliceBatch } from '@millrace/arrow';
import { dataTypes, field } from '@millrace/core';
import { expect, it } from 'vitest';
import { batchByteCount } from '../../src/observability/batch-byte-count.ts';

const ROW_COUNT = 64;

it.each([
  ['int32', dataTypes.int32(), (row: number) => row, 4],
  ['int64', dataTypes.int64(), (row: number) => BigInt(row), 8],
  ['bool', dataTypes.bool(), (row: number) => row % 2 === 0, 1 / 8],
  // Each text has ten bytes and an offset of four.
  ['utf8', dataTypes.utf8(), (row: number) => String(row).padStart(10, '0'), 14],
  // Each list has two numbers and an offset.
  ['list', dataTypes.list(dataTypes.int32()), (row: number) => [row, row], 12],
])('counts the bytes of rows of %s, and of a slice in proportion', (_, type, value, bytesPerRow) => {
  const rows = Array.from({ length: ROW_COUNT }, (_each, row) => [value(row)]);
  const batch = batchFromRows({ fields: [field('value', type)] }, rows);
  const count = batchByteCount(batch);
  // Beyond the values: the last offset, and bits of nulls where a column keeps them.
  expect(count).toBeGreaterThanOrEqual(ROW_COUNT * bytesPerRow);
  expect(count).toBeLessThanOrEqual(ROW_COUNT * (bytesPerRow + 2 / 8) + 8);
  const half = batchByteCount(sliceBatch(batch, 16, 16 + ROW_COUNT / 2));
  expect(half).toBeGreaterThanOrEqual((ROW_COUNT / 2) * bytesPerRow);
  expect(half).toBeLessThanOrEqual((ROW_COUNT / 2) * (bytesPerRow + 2 / 8) + 8);
});
