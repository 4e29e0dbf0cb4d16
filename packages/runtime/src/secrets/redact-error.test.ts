import { inspect } from 'node:util';
import { isMillraceError, MillraceError } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { redactError } from './redact-error.ts';
import { SecretRedactor } from './secret-redactor.ts';

const SECRET = 'canary-7f3a91';
const redactor = new SecretRedactor();
redactor.add(SECRET);
const redact = (text: string) => redactor.redact(text);

describe('redactError', () => {
  it('gives back the very error that holds none', () => {
    const error = new MillraceError({ code: 'io', component: 'x', message: 'y', cause: new Error('z') });
    expect(redactError(error, redact)).toBe(error);
  });

  it.each<[string, () => Error]>([
    ['its message', () => new Error(`no ${SECRET}`)],
    ['its cause', () => new Error('outer', { cause: new Error(`no ${SECRET}`) })],
    ['a cause that is a text', () => new Error('outer', { cause: `no ${SECRET}` })],
    ['a cause that is an object', () => new Error('outer', { cause: { url: `pg://u:${SECRET}@h` } })],
    ['a property', () => Object.assign(new Error('outer'), { config: { headers: [`Bearer ${SECRET}`] } })],
    ['a hidden property', () => Object.defineProperty(new Error('outer'), 'hidden', { value: SECRET })],
    ['a collected error', () => new AggregateError([new Error('a'), new Error(`b ${SECRET}`)], 'both')],
    ['a cause that collects', () => new Error('outer', { cause: new AggregateError([new Error(SECRET)]) })],
    ['a stack alone', () => Object.assign(new Error('outer'), { stack: `Error: outer\n at ${SECRET}` })],
    [
      'a MillraceError',
      () =>
        new MillraceError({
          code: 'unauthenticated',
          component: `dataset ${SECRET}`,
          message: `refused ${SECRET}`,
          hint: `not ${SECRET}`,
          cause: new Error(`cause ${SECRET}`),
        }),
    ],
  ])('takes a secret out of %s', (_, make) => {
    const error = make();
    expect(inspect(error, { depth: 20, showHidden: true })).toContain(SECRET);
    const clean = redactError(error, redact);
    expect(inspect(clean, { depth: 20, showHidden: true })).not.toContain(SECRET);
    expect(clean.message).toBe(error.message.replaceAll(SECRET, '***'));
  });

  it('keeps what programs look at', () => {
    const details = {
      code: 'io',
      component: 'dataset t',
      connector: 'pg',
      message: SECRET,
      hint: 'wait',
      retryable: true,
    } as const;
    const location = { file: 'millrace.yaml', line: 3, column: 5 };
    const clean = redactError(new MillraceError({ ...details, location }), redact);
    expect(isMillraceError(clean)).toBe(true);
    expect(clean).toMatchObject({
      code: 'io',
      connector: 'pg',
      hint: 'wait',
      retryable: true,
      location,
      reason: '***',
    });
    const foreign = Object.assign(new Error(SECRET), { code: 'ECONNREFUSED', name: 'PgError' });
    expect(redactError(foreign, redact)).toMatchObject({ code: 'ECONNREFUSED', name: 'PgError' });
    const both = redactError(new AggregateError([new Error('a'), new Error(SECRET)], 'both'), redact);
    expect((both as AggregateError).errors.map((each: Error) => each.message)).toEqual(['a', '***']);
  });

  it('ends on a chain of causes that is a ring', () => {
    const error = new Error(SECRET);
    error.cause = error;
    expect(inspect(redactError(error, redact), { depth: 30 })).not.toContain(SECRET);
  });
});
