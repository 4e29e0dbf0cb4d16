import { expect, test } from 'vitest';
import { classifyError } from './classify-error.ts';
import { ServerError } from './wire/server-error.ts';

const classify = (error: unknown) => classifyError(error, { component: 'dataset t', address: 'db:3306' });

test.each([
  [1045, 'unauthenticated'],
  [1049, 'not_found'],
  [1146, 'not_found'],
  [1142, 'unauthorized'],
  [1143, 'unauthorized'],
  [1044, 'unauthorized'],
  [1064, 'invalid_argument'],
  [1040, 'resource_exhausted'],
  [3024, 'timeout'],
  [1969, 'timeout'],
  [1317, 'cancelled'],
  [1412, 'conflict'],
] as const)('error %i is %s, and its text is not repeated', (errno, code) => {
  const error = classify(new ServerError({ errno, sqlState: 'HY000', message: 'canary' }));
  expect(error.code).toBe(code);
  expect(error.message).not.toContain('canary');
  expect(error.message).toContain(`(error ${errno})`);
  expect(error.cause).toMatchObject({ message: 'canary' });
});

test.each([
  ['ECONNREFUSED', 'io', true],
  ['ENOTFOUND', 'io', true],
  ['ETIMEDOUT', 'io', true],
  ['ECONNRESET', 'io', true],
  ['PROTOCOL_CONNECTION_LOST', 'io', true],
  ['HANDSHAKE_SSL_ERROR', 'io', false],
  ['HANDSHAKE_NO_SSL_SUPPORT', 'io', false],
] as const)('%s is %s', (code, expected, retryable) => {
  const error = classify(Object.assign(new Error('x'), { code, errno: -111 }));
  expect(error).toMatchObject({ code: expected, retryable, connector: 'mysql' });
  expect(error.message).toContain('db:3306');
});

test('an unknown number goes by the class of its SQLSTATE', () => {
  const states = ['22003', '28000', '40001', '42000', '08S01', 'HY000'];
  const codes = states.map((sqlState) => classify(new ServerError({ errno: 60_000, sqlState, message: '' })).code);
  expect(codes).toEqual(['invalid_data', 'unauthenticated', 'conflict', 'invalid_argument', 'io', 'internal']);
});
