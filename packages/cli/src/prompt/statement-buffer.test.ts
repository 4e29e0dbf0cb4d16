import { tokenizeSql } from '@millrace/runtime';
import { expect, it } from 'vitest';
import { StatementBuffer } from './statement-buffer.ts';

function enter(...lines: readonly string[]) {
  const buffer = new StatementBuffer(tokenizeSql);
  const statements = lines.flatMap((line) => buffer.add(line)).map(({ sql }) => sql);
  return { statements, isEmpty: buffer.isEmpty };
}

it('ends a statement at its semicolon, whatever lines it takes', () => {
  expect(enter('SELECT 1;')).toEqual({ statements: ['SELECT 1'], isEmpty: true });
  expect(enter('SELECT', '  1', ';')).toEqual({ statements: ['SELECT\n  1'], isEmpty: true });
  expect(enter('SELECT 1; SELECT 2; SEL')).toEqual({ statements: ['SELECT 1', 'SELECT 2'], isEmpty: false });
});

it('sees no end in texts, names and comments', () => {
  expect(enter("SELECT ';'", ', ";", $$;$$ -- ;', '/* ; */ ;').statements).toEqual([
    'SELECT \';\'\n, ";", $$;$$ -- ;\n/* ; */',
  ]);
  expect(enter("SELECT 'a;", "b';").statements).toEqual(["SELECT 'a;\nb'"]);
  expect(enter("SELECT 'a;")).toEqual({ statements: [], isEmpty: false });
});

it('takes empty statements and lines of comments for nothing', () => {
  expect(enter('', ' ; ; ', '-- a remark;')).toEqual({ statements: [], isEmpty: true });
});

it('keeps what was typed for the history', () => {
  const buffer = new StatementBuffer(tokenizeSql);
  buffer.add('SELECT 1 -- one');
  expect(buffer.add('  ;')).toEqual([{ sql: 'SELECT 1 -- one', source: 'SELECT 1 -- one\n  ;' }]);
});
