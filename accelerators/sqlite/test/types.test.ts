import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataTypes, field, type Schema } from '@millrace/core';
import { testKeptTypes } from '@millrace/test-fixtures';
import * as runner from 'vitest';
import { accelerate } from './accelerate.ts';

const { afterAll, beforeAll, describe, expect, it } = runner;

describe.each(['memory', 'file'] as const)('types in mode %s', (mode) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-types-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  testKeptTypes({ runner, open: (schema, table) => accelerate({ folder, mode, schema, name: { table } }) });
});

it('what cannot be kept is refused when the table is opened', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-types-'));
  const open = (schema: Schema, command = {}) => accelerate({ folder, schema, command });
  await expect(open({ fields: [field('x', { typeId: 99 })] })).rejects.toMatchObject({ code: 'unsupported_type' });
  const nested = { fields: [field('x', dataTypes.list({ typeId: 99 }))] };
  await expect(open(nested)).rejects.toMatchObject({ code: 'unsupported_type' });
  const twins = { fields: [field('x', dataTypes.int8()), field('X', dataTypes.int8())] };
  await expect(open(twins)).rejects.toMatchObject({ code: 'unsupported' });
  const plain = { fields: [field('x', dataTypes.int8())] };
  await expect(open(plain, { primaryKey: ['y'] })).rejects.toMatchObject({ code: 'invalid_config' });
  await expect(open(plain, { name: { table: 'sqlite_x' } })).rejects.toMatchObject({ code: 'unsupported' });
  rmSync(folder, { recursive: true });
});
