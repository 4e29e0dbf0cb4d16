import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parameterKey } from '@millrace/core';
import { expect, test } from 'vitest';
import { duckDbConnector } from '../src/index.ts';

test('the README lists the parameters as they are specified', () => {
  const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
  const rows = duckDbConnector.parameters.map((spec) => {
    const byDefault = spec.default === undefined ? (spec.required ? 'required' : '') : `\`${spec.default}\``;
    return `| \`${parameterKey(spec, duckDbConnector.prefix)}\` | ${spec.type} | ${byDefault} | ${spec.description} |`;
  });
  const table = ['| Parameter | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
  // Formatting may pad the cells.
  const unpadded = (text: string) => text.replace(/-{3,}/g, '---').replace(/ +/g, ' ');
  expect(unpadded(readme)).toContain(unpadded(table));
});
