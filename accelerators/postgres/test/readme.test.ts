import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parameterKey } from '@millrace/core';
import { expect, test } from 'vitest';
import { postgresAccelerator } from '../src/index.ts';
import { STORAGE_RULES } from '../src/stored-type.ts';

test('the README lists the parameters as they are specified', () => {
  const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
  const rows = postgresAccelerator.parameters.map((spec) => {
    const allowed = spec.oneOf === undefined ? '' : ` One of ${spec.oneOf.map((text) => `\`${text}\``).join(', ')}.`;
    const name = parameterKey(spec, postgresAccelerator.prefix);
    const standard = spec.default === undefined ? '' : `\`${spec.default}\``;
    return `| \`${name}\` | ${spec.type} | ${standard} | ${spec.description}${allowed} |`;
  });
  const table = ['| Parameter | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
  // Formatting may pad the cells.
  const unpadded = (text: string) => text.replace(/-{3,}/g, '---').replace(/ +/g, ' ');
  expect(unpadded(readme)).toContain(unpadded(table));
});

test('the README lists the types as they are kept', () => {
  const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
  const rows = STORAGE_RULES.map(({ types, storage, pushed }) => `| ${types} | ${storage} | ${pushed} |`);
  const table = ['| Type | Storage | Filters pushed |', '| --- | --- | --- |', ...rows].join('\n');
  const unpadded = (text: string) => text.replace(/-{3,}/g, '---').replace(/ +/g, ' ');
  expect(unpadded(readme)).toContain(unpadded(table));
});
