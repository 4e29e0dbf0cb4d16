import { describe, expect, it } from 'vitest';
import { canBegin, matchesPattern } from './match-pattern.ts';

describe('patterns over names of tables', () => {
  it.each([
    ['public.orders', 'public.*', true],
    ['public.orders', '*', true],
    ['public.orders', '*.orders', true],
    ['public.orders', 'public.order?', true],
    ['public.orders', 'public.o*d*s', true],
    ['public.orders', 'public.orders*', true],
    ['a.b.c', 'a.*', true],
    ['public.カラム', 'public.???', true],
    ['public.😀', 'public.?', true],
    ['public.orders', 'public.Orders', false],
    ['public.orders', 'public', false],
    ['public.orders', 'public.order', false],
    ['public.orders', 'publi?.', false],
    ['public.a+b', 'public.a+b', true],
    ['public.aab', 'public.a+b', false],
    ['', '*', true],
    ['', '?', false],
  ])('%s against %s: %s', (text, pattern, expected) => {
    expect(matchesPattern(text, pattern)).toBe(expected);
  });

  it('that could take for ever take no time', () => {
    expect(matchesPattern('a'.repeat(5_000), `${'a*'.repeat(200)}b`)).toBe(false);
  });

  it.each([
    ['public.', 'public.*', true],
    ['public.', '*', true],
    ['public.', 'pub*', true],
    ['a.', 'a.b.*', true],
    ['public.', 'private.*', false],
    ['public.', 'public', true],
  ])('%s can begin what %s matches: %s', (start, pattern, expected) => {
    expect(canBegin(start, pattern)).toBe(expected);
  });
});
