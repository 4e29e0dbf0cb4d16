import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parameterKey } from '@millrace/core';
import { expect, test } from 'vitest';
import { duckdbAccelerator } from '../src/index.ts';

test('the README lists the parameters as they are specified', () => {
  const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
  const rows = duckdbAccelerator.parameters.map((spec) => {
    const name = parameterKey(spec, duckdbAccelerator.prefix);
    const standard = spec.default === undefined ? '' : `\`${spec.default}\``;
    return `| \`${name}\` | ${spec.type} | ${standard} | ${spec.description} |`;
  });
  const table = ['| Parameter | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
  // Formatting may pad the cells.
  const unpadded = (text: string) => text.replace(/-{3,}/g, '---').replace(/ +/g, ' ');
  expect(unpadded(readme)).toContain(unpadded(table));
});
