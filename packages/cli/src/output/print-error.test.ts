import { PassThrough } from 'node:stream';
import { MillraceError } from '@millrace/core';
import { expect, it } from 'vitest';
import { type ErrorDetail, printError } from './print-error.ts';

function printed(error: unknown, detail: ErrorDetail = 'plain'): string {
  const output = new PassThrough();
  printError(output, error, detail);
  return String(output.read());
}

const location = { file: 'millrace.yaml', line: 3, column: 5 };
const unknown = new MillraceError({
  code: 'unknown_field',
  component: 'dataset a',
  connector: 'file',
  message: 'there is no field x',
  hint: 'Did you mean y?',
  location,
});

it('prints place, subject and cause, then the hint, then the code', () => {
  expect(printed(unknown)).toBe(
    'error: millrace.yaml:3:5: dataset a (file): there is no field x\n  hint: Did you mean y?\n  code: unknown_field\n',
  );
});

it('prints each of the errors that one stands for, however deep', () => {
  const wrap = (errors: readonly unknown[]) =>
    new MillraceError({ code: 'invalid_config', component: 'x', message: 'y', cause: new AggregateError(errors) });
  const text = printed(wrap([unknown, wrap([unknown])]));
  expect(text.match(/code: unknown_field/g)).toHaveLength(2);
  expect(text).not.toContain('invalid_config');
});

it('prints stacks only when asked to, those of causes included', () => {
  const error = new MillraceError({ code: 'io', component: 'a', message: 'b', cause: new Error('the cause') });
  expect(printed(error)).toBe('error: a: b\n  code: io\n');
  expect(printed(error, 'debug')).toMatch(/\n\s+at [\s\S]*caused by: Error: the cause\n\s+at /);
});

it('prints what is no MillraceError by its message', () => {
  expect(printed(new TypeError('odd'))).toBe('error: odd\n');
  expect(printed('text')).toBe('error: text\n');
});
