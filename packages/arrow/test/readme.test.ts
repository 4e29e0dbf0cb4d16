import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { typesTable } from './types-table.ts';

const README = new URL('../README.md', import.meta.url);
const TABLE = /(<!-- types: MILLRACE_UPDATE_README=1 writes this table -->\n\n)[\s\S]*?(?=\n\n)/;

it('the table of types in the README says what the code does', () => {
  const text = readFileSync(README, 'utf8');
  const generated = text.replace(TABLE, (_, mark: string) => mark + typesTable());
  if (process.env.MILLRACE_UPDATE_README) writeFileSync(README, generated);
  expect(TABLE.test(text)).toBe(true);
  expect(withoutPadding(readFileSync(README, 'utf8'))).toBe(withoutPadding(generated));
});

/** The formatter pads the cells of tables. */
function withoutPadding(markdown: string): string {
  return markdown
    .replace(/ +/g, ' ')
    .replace(/-{3,}/g, '---')
    .replace(/\| ---/g, '|---')
    .replace(/--- \|/g, '---|');
}
