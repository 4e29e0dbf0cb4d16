import { isMillraceError } from '@millrace/core';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createStatementInspector, type StatementInspector } from '../src/statement/statement-inspector.ts';

const RUNS = process.env.MILLRACE_TEST_FULL === undefined ? 1_500 : 30_000;

let inspector: StatementInspector;
beforeAll(async () => {
  inspector = await createStatementInspector();
});
afterAll(() => inspector.close());

const BLANKS = [
  ' ',
  '\n',
  '\r',
  '\t',
  '\f',
  '\u00a0',
  '\u2003',
  '\u200b',
  '\u3000',
  '-- ?\n',
  '--$1\r',
  '/* ? */',
  '/* /* $1 */ */',
  '',
];
const ATOMS = [
  '?',
  '$1',
  '$2',
  "'?'",
  "'it''s $1'",
  "E'\\'?'",
  "e'a'\n'\\'$1'",
  '$$ ? $$',
  '$t$ $1 $$ $t$',
  '"a""?"',
  'a$1',
  'é$1',
  '1',
  '1e5',
  '.5',
  'NULL',
  '$é',
  '$n',
];
const GLUE = ['+', '-', ',', '||', '=', '<', '*', '/', '%', '::VARCHAR ||', 'AND', ' IN ', '->>'];

const blanks = fc.array(fc.constantFrom(...BLANKS), { maxLength: 2 }).map((parts) => parts.join(''));
const expressions = fc
  .array(fc.tuple(fc.constantFrom(...ATOMS), blanks, fc.constantFrom(...GLUE), blanks), { minLength: 1, maxLength: 5 })
  .chain((parts) => fc.tuple(fc.constant(parts.flat().join('')), fc.constantFrom(...ATOMS), blanks));

test('the lexer finds the parameters that the parser finds, whatever stands around them', async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(
      expressions,
      fc.constantFrom('SELECT ', 'SELECT/**/', 'EXPLAIN SELECT ', 'DESCRIBE SELECT '),
      async ([head, last, tail], verb) => {
        const sql = `${verb}${head}${last}${tail}`;
        try {
          await inspector.inspect(sql);
          accepted++;
        } catch (error) {
          if (!isMillraceError(error)) throw error;
          expect(error.message, JSON.stringify(sql)).not.toContain('told apart');
          expect(['sql_syntax', 'sql_refused']).toContain(error.code);
        }
      },
    ),
    { numRuns: RUNS },
  );
  expect(accepted / RUNS).toBeGreaterThan(0.15);
});

test('spaces of Unicode are plain ones in the text that runs, and literals keep them', async () => {
  const { sql } = await inspector.inspect(
    "SELECT/* ' */\u00a0'a\u2003b'\u3000AS\u2003c,\u200b$é\u200b+\u20281 FROM\u00a0(SELECT 1 AS \u20281)",
  );
  expect(sql).toBe("SELECT/* ' */ 'a\u2003b' AS c, $é +\u20281 FROM (SELECT 1 AS \u20281)");
});
