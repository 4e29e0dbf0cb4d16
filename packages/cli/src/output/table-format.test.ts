import { type DataType, dataTypes, field } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { widthOf } from './cell-text.ts';
import { listing } from './listing.ts';
import { encodeTable } from './table-format.ts';

async function table(
  columns: Readonly<Record<string, DataType>>,
  rows: readonly Record<string, unknown>[],
  maxWidth?: number,
) {
  const schema = { fields: Object.entries(columns).map(([name, type]) => field(name, type)) };
  let text = '';
  for await (const chunk of encodeTable(listing(schema, rows), maxWidth)) text += chunk;
  return text;
}

const widest = (text: string) => Math.max(...text.split('\n').map(widthOf));

describe('tables', () => {
  it('aligns numbers right, and tells NULL from the text NULL and from empty text', async () => {
    const rows = [
      { n: 1, t: 'NULL' },
      { n: 1000, t: null },
      { n: null, t: '' },
    ];
    expect(await table({ n: dataTypes.int32(), t: dataTypes.utf8() }, rows)).toBe(
      [
        '┌──────┬────────┐',
        '│    n │ t      │',
        '├──────┼────────┤',
        "│    1 │ 'NULL' │",
        '│ 1000 │ NULL   │',
        '│ NULL │        │',
        '└──────┴────────┘',
        '',
      ].join('\n'),
    );
  });

  it('cuts the widest columns first to fit a terminal', async () => {
    const rows = [{ id: 7, name: 'x'.repeat(30), text: 'y'.repeat(500) }];
    const text = await table({ id: dataTypes.int32(), name: dataTypes.utf8(), text: dataTypes.utf8() }, rows, 80);
    expect(widest(text)).toBeLessThanOrEqual(80);
    expect(text).toContain(`│ ${'x'.repeat(30)} │`);
    expect(text).toMatch(/│ y{20,}… │/);
  });

  it('leaves out columns in the middle where even narrow ones do not fit, and says so', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `column${String(index).padStart(2, '0')}`);
    const columns = Object.fromEntries(names.map((name) => [name, dataTypes.utf8()]));
    const text = await table(columns, [Object.fromEntries(names.map((name) => [name, name]))], 60);
    expect(
      widest(
        text
          .split('\n')
          .filter((line) => /^[│┌├└]/.test(line))
          .join('\n'),
      ),
    ).toBeLessThanOrEqual(60);
    expect(text).toMatch(/│ column00 │[\s\S]*│ … │[\s\S]*│ column29 │|│ colum… │[\s\S]*│ … │/);
    expect(text).toMatch(/… \d\d columns hidden; another format shows all\n$/);
  });

  it('counts wide characters as the terminal does, and keeps every line as long as the others', async () => {
    const text = await table({ t: dataTypes.utf8() }, [{ t: '日本語のとても長いテキスト' }, { t: 'abc' }], 20);
    const lines = text.trimEnd().split('\n');
    expect(new Set(lines.map(widthOf)).size).toBe(1);
    expect(widest(text)).toBeLessThanOrEqual(20);
  });

  it('lets no value break its line or steer the terminal', async () => {
    const text = await table({ t: dataTypes.utf8() }, [{ t: 'a\nb\t\u001b[31mred\u0007\u202e' }]);
    expect(text).toContain(String.raw`a\nb\t\u{1b}[31mred\u{7}\u{202e}`);
    expect(text).not.toContain('\u001b');
  });

  it('shows the columns also when there are no rows', async () => {
    expect(await table({ only: dataTypes.utf8() }, [])).toContain('│ only │');
  });
});
