import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parameterKey } from '@millrace/core';
import { expect, test } from 'vitest';
import { fileConnector } from '../src/index.ts';

test('the README lists the parameters as they are specified', () => {
  const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
  const rows = fileConnector.parameters.map((spec) => {
    const allowed = spec.oneOf === undefined ? '' : ` One of ${spec.oneOf.map((text) => `\`${text}\``).join(', ')}.`;
    const name = parameterKey(spec, fileConnector.prefix);
    return `| \`${name}\` | ${spec.type} | ${spec.default === undefined ? '' : `\`${spec.default}\``} | ${spec.description}${allowed} |`;
  });
  const table = ['| Parameter | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
  // Formatting may pad the cells.
  const unpadded = (text: string) => text.replace(/-{3,}/g, '---').replace(/ +/g, ' ');
  expect(unpadded(readme)).toContain(unpadded(table));
});
