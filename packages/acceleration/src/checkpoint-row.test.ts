import { type Checkpoint, dataTypes, field } from '@millrace/core';
import { expect, test } from 'vitest';
import { CHECKPOINT_COLUMNS, decodeCheckpoint, encodeCheckpoint } from './checkpoint-row.ts';

const CHECKPOINTS: readonly Checkpoint[] = [
  {
    schema: { fields: [{ ...field('id', dataTypes.int64()), nullable: false }, field('at', dataTypes.decimal(38, 4))] },
    definitionHash: 'h1',
    watermark: '2026-11-29T00:00:00.000001Z',
    offset: { lsn: '0/16B3748', done: [1, null] },
    refreshedAtMs: 1_790_000_000_123,
    rowCount: 2n ** 62n + 1n,
    bootstrapComplete: true,
  },
  { schema: { fields: [] }, definitionHash: '', refreshedAtMs: 0, rowCount: 0n, bootstrapComplete: false },
  {
    schema: { fields: [] },
    definitionHash: 'h',
    watermark: '',
    offset: null,
    refreshedAtMs: 1,
    rowCount: 1n,
    bootstrapComplete: true,
  },
];

const WAYS: readonly (readonly [string, (value: string | bigint | boolean | null) => unknown])[] = [
  ['as it is', (value) => value],
  ['with integers as texts', (value) => (typeof value === 'bigint' ? String(value) : value)],
  ['with an integer for the truth value', (value) => (typeof value === 'boolean' ? BigInt(value) : value)],
];

test.each(WAYS)('a checkpoint comes back from its row %s', (_, way) => {
  for (const checkpoint of CHECKPOINTS) {
    const row = encodeCheckpoint(checkpoint);
    expect(row.length).toBe(CHECKPOINT_COLUMNS.length);
    expect(decodeCheckpoint(row.map(way))).toEqual(checkpoint);
  }
});
