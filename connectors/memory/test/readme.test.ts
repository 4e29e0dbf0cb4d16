import { readFileSync } from 'node:fs';
import { dataTypes, field } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { memoryConnector, memoryDatabase, memoryParameters } from '../src/index.ts';
import { readAll } from './read-all.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('README', () => {
  it('lists every parameter with its default', () => {
    for (const { name, default: standard, description } of memoryParameters)
      expect(readme).toContain(`| \`${memoryConnector.prefix}_${name}\` | string | \`${standard}\` | ${description} |`);
  });

  it('shows an example that works', async () => {
    const table = memoryDatabase('readme').put('orders', {
      schema: {
        fields: [
          field('id', dataTypes.int64()),
          field('placed', dataTypes.date()),
          field('total', dataTypes.decimal(10, 2)),
        ],
      },
      rows: [
        { id: 1n, placed: '2024-01-31', total: '19.90' },
        { id: 2n, placed: '2024-02-01', total: null },
      ],
      primaryKey: ['id'],
    });
    expect(await readAll(table)).toEqual([
      { id: 1n, placed: '2024-01-31', total: '19.90' },
      { id: 2n, placed: '2024-02-01', total: null },
    ]);
  });
});
