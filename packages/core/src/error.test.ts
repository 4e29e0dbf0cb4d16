import { expect, test } from 'vitest';
import { cancelledError, isMillraceError, MillraceError } from './error.ts';

test('the message reads: place, component, connector, cause, what to do', () => {
  const error = new MillraceError({
    code: 'unavailable',
    component: 'dataset orders',
    connector: 'postgres',
    message: 'the server does not answer',
    hint: 'Check host and port',
    retryable: true,
    location: { file: 'millrace.yaml', line: 3, column: 5 },
    cause: new Error('ECONNREFUSED'),
  });
  expect(error.message).toBe(
    'millrace.yaml:3:5: dataset orders (postgres): the server does not answer. Check host and port.',
  );
  expect(error).toMatchObject({
    name: 'MillraceError',
    code: 'unavailable',
    component: 'dataset orders',
    connector: 'postgres',
    reason: 'the server does not answer',
    hint: 'Check host and port',
    retryable: true,
    cause: { message: 'ECONNREFUSED' },
  });
});

test('each part of the message ends as a sentence does', () => {
  const of = (message: string) =>
    new MillraceError({ code: 'internal', component: 'engine', message, hint: 'Restart' }).message;
  expect(of('it stopped (error 7)')).toBe('engine: it stopped (error 7). Restart.');
  expect(of('it stopped (it was told to.)')).toBe('engine: it stopped (it was told to.) Restart.');
});

test('what is absent leaves no trace', () => {
  const error = new MillraceError({ code: 'internal', component: 'engine', message: 'it stopped!' });
  expect(error.message).toBe('engine: it stopped!');
  expect(error.retryable).toBe(false);
  expect('cause' in error).toBe(false);
});

test('an aborted signal gives its reason as cause', () => {
  const reason = new Error('the user left');
  const error = cancelledError('query', AbortSignal.abort(reason));
  expect(error).toMatchObject({ code: 'cancelled', message: 'query: cancelled.', cause: reason });
  expect(cancelledError('query').cause).toBeUndefined();
});

test.each([null, undefined, 'text', 7, {}, new Error('plain'), { code: 'io', name: 'MillraceError' }])(
  '%s is no MillraceError',
  (value) => {
    expect(isMillraceError(value)).toBe(false);
  },
);

test('a subclass is one', () => {
  class Narrow extends MillraceError {}
  expect(isMillraceError(new Narrow({ code: 'io', component: 'c', message: 'm' }))).toBe(true);
});
