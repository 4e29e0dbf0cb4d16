import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeType } from '@millrace/arrow';
import { parameterKey } from '@millrace/core';
import { expect, test } from 'vitest';
import { sqliteConnector } from '../src/index.ts';
import { parseDeclaredType, TYPE_RULES } from '../src/type-mapping.ts';

const README = unpadded(readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8'));

/** Formatting may pad the cells. */
function unpadded(text: string): string {
  return text.replace(/-{3,}/g, '---').replace(/ +/g, ' ');
}

test('the README lists the parameters as they are specified', () => {
  const rows = sqliteConnector.parameters.map((spec) => {
    const allowed = spec.oneOf === undefined ? '' : ` One of ${spec.oneOf.map((text) => `\`${text}\``).join(', ')}.`;
    const name = parameterKey(spec, sqliteConnector.prefix);
    const byDefault = spec.default === undefined ? (spec.required ? 'required' : '') : `\`${spec.default}\``;
    return `| \`${name}\` | ${spec.type} | ${byDefault} | ${spec.description}${allowed} |`;
  });
  const table = ['| Parameter | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
  expect(README).toContain(unpadded(table));
});

test('the README lists the types as they are mapped', () => {
  const rows = TYPE_RULES.map((rule) => {
    const isDecimal = rule.declared.startsWith('`DECIMAL(p');
    const { type } = rule.map(parseDeclaredType(isDecimal ? 'DECIMAL(10, 2)' : ''));
    const name = isDecimal ? 'decimal(p, s)' : describeType(type);
    return `| ${rule.declared} | \`${name}\` | ${rule.values} | ${rule.pushed} |`;
  });
  const table = ['| Declared type | Arrow type | Values | Filters pushed |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
  expect(README).toContain(unpadded(table));
});
