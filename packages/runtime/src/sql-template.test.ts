import { describe, expect, it } from 'vitest';
import { isTemplate, toStatement } from './sql-template.ts';

const tag = (strings: TemplateStringsArray, ...values: readonly number[]) => toStatement(strings, values);
const squeeze = ({ sql }: { readonly sql: string }) => sql.replace(/\s+/g, ' ');

describe('statements from templates', () => {
  it('bind each value in its place', () => {
    expect(squeeze(tag`SELECT ${1}, ${2}`)).toBe('SELECT $1 , $2 ');
    expect(tag`SELECT ${1}, ${2}`.parameters).toEqual([1, 2]);
    expect(tag`SELECT 1`).toEqual({ sql: 'SELECT 1' });
  });

  it('never join a parameter to what touches it', () => {
    expect(squeeze(tag`LIMIT${1}`)).toBe('LIMIT $1 ');
    expect(squeeze(tag`SELECT ${1}0`)).toBe('SELECT $1 0');
    expect(squeeze(tag`SELECT ${1}${2}`)).toBe('SELECT $1 $2 ');
  });

  it('refuse an escape that JavaScript does not know', () => {
    expect(() => tag`SELECT '\u'`).toThrow(expect.objectContaining({ code: 'sql_syntax' }));
  });

  it('are told from texts', () => {
    expect(isTemplate('SELECT 1')).toBe(false);
    expect(isTemplate(['SELECT 1'])).toBe(false);
  });
});
