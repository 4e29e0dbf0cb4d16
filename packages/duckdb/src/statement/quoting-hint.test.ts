import { describe, expect, it } from 'vitest';
import { createStatementInspector } from './statement-inspector.ts';

describe('a syntax error at a word that is a name, too', () => {
  it.each([
    ['SELECT * FROM t WHERE at >= 5', 'at'],
    ['SELECT order FROM t', 'order'],
    ['SELECT a, End FROM t', 'End'],
    ['SELECT * FROM t WHERE desc = 1', 'desc'],
  ])('%s: says how it is written', async (sql, word) => {
    await using inspector = await createStatementInspector();
    await expect(inspector.inspect(sql)).rejects.toMatchObject({
      code: 'sql_syntax',
      hint: `${word} is a word of SQL: where it is a name, write "${word}"`,
    });
    await inspector.inspect(sql.replace(word, `"${word}"`));
  });

  it('has no such advice for other errors', async () => {
    await using inspector = await createStatementInspector();
    await expect(inspector.inspect('SELECT a b c FROM t')).rejects.toMatchObject({
      code: 'sql_syntax',
      hint: undefined,
    });
  });
});
