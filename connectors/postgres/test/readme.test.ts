import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parameterKey } from '@millrace/core';
import { expect, test } from 'vitest';
import { postgresConnector } from '../src/index.ts';
import { TEXT_TYPE_NAMES, TYPE_RULES } from '../src/type-mapping.ts';

const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');

/** Formatting may pad the cells. */
function unpadded(text: string): string {
  return text.replace(/-{3,}/g, '---').replace(/ +/g, ' ');
}

test('the README lists the parameters as they are specified', () => {
  const rows = postgresConnector.parameters.map((spec) => {
    const allowed = spec.oneOf === undefined ? '' : ` One of ${spec.oneOf.map((text) => `\`${text}\``).join(', ')}.`;
    const name = parameterKey(spec, postgresConnector.prefix);
    return `| \`${name}\` | ${spec.type} | ${spec.default === undefined ? '' : `\`${spec.default}\``} | ${spec.description}${allowed} |`;
  });
  const table = ['| Parameter | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
  expect(unpadded(readme)).toContain(unpadded(table));
});

test('the README lists the types as they are mapped', () => {
  const families: readonly (readonly [string, string, string])[] = [
    ['enum', 'Dictionary(Int32, Utf8)', 'Inside arrays and composites Utf8'],
    [
      'array',
      'List, one level for each declared dimension',
      'Lower bounds are not kept; a value of other dimensions fails',
    ],
    ['composite', 'Struct', 'With a member that is read as text, or unsupported, it is unsupported itself'],
    ['domain', 'its base type', ''],
    ['range, multirange', 'Utf8', ''],
    ['citext', 'Utf8', ''],
    [TEXT_TYPE_NAMES.join(', '), 'Utf8', 'The server’s own text'],
    ['everything else', 'unsupported', 'hstore, vector and other types of extensions, numeric of more than 38 digits'],
  ];
  const rows = [...TYPE_RULES.map(({ names, arrow, note }) => [names, arrow, note ?? ''] as const), ...families];
  const table = [
    '| PostgreSQL | Arrow | Note |',
    '| --- | --- | --- |',
    ...rows.map(([names, arrow, note]) => `| ${names} | ${arrow} | ${note} |`),
  ].join('\n');
  expect(unpadded(readme)).toContain(unpadded(table));
});
