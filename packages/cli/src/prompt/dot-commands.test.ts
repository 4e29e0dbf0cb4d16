import { expect, it } from 'vitest';
import { DOT_NAMES, parseDotCommand } from './dot-commands.ts';

it('reads commands and their arguments', () => {
  expect(parseDotCommand('  .tables ')).toEqual({ kind: 'tables' });
  expect(parseDotCommand('.schema sales."my table";')).toEqual({ kind: 'schema', table: 'sales."my table"' });
  expect(parseDotCommand('.schema')).toEqual({ kind: 'schema', table: undefined });
  expect(parseDotCommand('.explain SELECT 1 ;')).toEqual({ kind: 'explain', sql: 'SELECT 1' });
  expect(parseDotCommand('.timer off')).toEqual({ kind: 'timer', value: 'off' });
  expect(parseDotCommand('.format csv')).toEqual({ kind: 'format', value: 'csv' });
  expect(parseDotCommand('.exit')).toEqual({ kind: 'quit' });
});

it('says how a command is used, or which one was meant', () => {
  expect(() => parseDotCommand('.timr on')).toThrow('did you mean .timer?');
  expect(() => parseDotCommand('.timer')).toThrow('usage: .timer on|off');
  expect(() => parseDotCommand('.format xml')).toThrow('usage: .format table|json|ndjson|csv|arrow');
  expect(() => parseDotCommand('.zzzzzz')).toThrow('see .help');
});

it('lists every command once', () => {
  expect(DOT_NAMES).toEqual([
    '.tables',
    '.datasets',
    '.schema',
    '.explain',
    '.refresh',
    '.reload',
    '.format',
    '.timer',
    '.help',
    '.quit',
  ]);
});
