import { expect, test } from 'vitest';
import { tokenizeSql } from './sql-token.ts';

function tokens(sql: string): readonly string[] {
  return tokenizeSql(sql).map(({ kind, start, end }) => `${kind}:${sql.slice(start, end)}`);
}

test.each<[string, readonly string[]]>([
  ['', []],
  [' \t\n-- only a comment', []],
  ['a$1 $1 $b c', ['word:a$1', 'parameter:$1', 'parameter:$b', 'word:c']],
  ['?1?,?', ['parameter:?1', 'parameter:?', 'symbol:,', 'parameter:?']],
  ['$1a $é', ['parameter:$1', 'word:a', 'parameter:$é']],
  ["'it''s' x", ["string:'it''s'", 'word:x']],
  ["E'\\'$1' e'\\\\'$1", ["string:E'\\'$1'", "string:e'\\\\'", 'parameter:$1']],
  ["ae'x' $1", ['word:ae', "string:'x'", 'parameter:$1']],
  ["'\\' $1", ["string:'\\'", 'parameter:$1']],
  ["'a'\n'b' $1", ["string:'a'\n'b'", 'parameter:$1']],
  ["'a' 'b'", ["string:'a'", "string:'b'"]],
  ["E'a' -- c\n -- d\n '\\'$1'", ["string:E'a' -- c\n -- d\n '\\'$1'"]],
  ['$$ $1 $$ $1', ['string:$$ $1 $$', 'parameter:$1']],
  ['$t$ $$ $1 $t$ $1', ['string:$t$ $$ $1 $t$', 'parameter:$1']],
  ['$é$ ; $é$;', ['string:$é$ ; $é$', 'symbol:;']],
  ['"a""$1" "b', ['quoted_identifier:"a""$1"', 'quoted_identifier:"b']],
  ['/* a /* ? */ ? */ ? /* open', ['parameter:?']],
  ['a--?\r?', ['word:a', 'parameter:?']],
  ['1.5e-3 .5 1_000 5. 1e', ['number:1.5e-3', 'number:.5', 'number:1_000', 'number:5.', 'number:1', 'word:e']],
  ['a\u00a0$1\u2003b\u3000c', ['word:a', 'parameter:$1', 'word:b', 'word:c']],
  ["x'00' U&'a'", ['word:x', "string:'00'", 'word:U', 'symbol:&', "string:'a'"]],
  ['$ 1', ['symbol:$', 'number:1']],
  ["'never ends $1;", ["string:'never ends $1;"]],
  ['$$never ends $1;', ['string:$$never ends $1;']],
])('%j', (sql, expected) => {
  expect(tokens(sql)).toEqual(expected);
});

test('long text takes linear time', () => {
  const sql = `${"'a'\n".repeat(200_000)}${'/* '.repeat(200_000)}${"e'".repeat(200_000)}`;
  expect(tokenizeSql(sql).length).toBeGreaterThan(0);
});
