import { type Checkpoint, type CreateTableCommand, dataTypes, field, type Schema } from '@millrace/core';
import { expect, test } from 'vitest';
import { bootstrapStatus, type CheckpointRow } from './bootstrap-status.ts';

const SCHEMA: Schema = { fields: [field('id', dataTypes.int64())] };
const COMMAND: CreateTableCommand = {
  name: { table: 'orders' },
  schema: SCHEMA,
  mode: 'file',
  definitionHash: 'h1',
  refreshMode: 'full',
};
const CHECKPOINT: Checkpoint = {
  schema: SCHEMA,
  definitionHash: 'h1',
  refreshedAtMs: 1,
  rowCount: 1n,
  bootstrapComplete: true,
};

function statusOf(row: CheckpointRow) {
  return bootstrapStatus(row, { command: COMMAND, schema: SCHEMA, isThere: (version) => version === 7 });
}

function stored(checkpoint: Partial<Checkpoint>, version = 7): CheckpointRow {
  return { kind: 'stored', version, checkpoint: { ...CHECKPOINT, ...checkpoint } };
}

test('rows of the same definition, loaded whole, are used', () => {
  expect(statusOf(stored({}))).toEqual({ kind: 'ready', checkpoint: CHECKPOINT });
  expect(statusOf({ kind: 'none' })).toEqual({ kind: 'empty' });
});

test.each<readonly [string, CheckpointRow]>([
  ['layout', { kind: 'foreign' }],
  ['missing', stored({}, 8)],
  ['completely', stored({ bootstrapComplete: false })],
  ['definition', stored({ definitionHash: 'h2' })],
  ['columns', stored({ schema: { fields: [field('id', dataTypes.int32())] } })],
])('what cannot be used is discarded, and it is said why: %s', (reason, row) => {
  expect(statusOf(row)).toEqual({ kind: 'discarded', reason: expect.stringContaining(reason) });
});
