import { resolveParameters } from '@millrace/core';
import { expect, test } from 'vitest';
import { readSettings } from './mysql-settings.ts';
import { mysqlParameters } from './parameters.ts';

function settings(given: Readonly<Record<string, string>>) {
  const parameters = resolveParameters({
    specs: mysqlParameters,
    prefix: 'mysql',
    given: new Map(Object.entries(given).map(([name, text]) => [`mysql_${name}`, { text }])),
    component: 'dataset t',
    connector: 'mysql',
  });
  return readSettings(parameters, '/nowhere');
}

test('parts of the connection string are overridden by parameters', () => {
  const connection_string = 'mysql://reader:p%40ss@[::1]:3307/shop%20x?ssl-mode=VERIFY_CA';
  expect(settings({ connection_string })).toMatchObject({
    host: '::1',
    port: 3307,
    user: 'reader',
    password: 'p@ss',
    database: 'shop x',
    sslMode: 'verify_ca',
  });
  expect(settings({ connection_string, host: 'db', tcp_port: '1', pass: 'q', sslmode: 'disabled' })).toMatchObject({
    host: 'db',
    port: 1,
    password: 'q',
    sslMode: 'disabled',
  });
  expect(settings({})).toMatchObject({ host: 'localhost', port: 3306, sslMode: 'required', offsetSeconds: 0 });
});

test('offsets are read, and zones with two offsets refused', () => {
  expect(settings({ time_zone: '+05:45' }).offsetSeconds).toBe(20_700);
  expect(settings({ time_zone: '-3:30' }).offsetSeconds).toBe(-12_600);
});

test('what cannot be is refused by the name that users write, without secrets', () => {
  const wrong: readonly (readonly [string, string])[] = [
    ['time_zone', 'Europe/Berlin'],
    ['time_zone', '+14:01'],
    ['time_zone', '+01:60'],
    ['tcp_port', '0'],
    ['pool_max', '0'],
    ['pool_min', '9'],
    ['sslrootcert', 'missing.pem'],
    ['connection_string', 'postgres://canary@h'],
    ['connection_string', 'mysql://u:canary@h/d?compress=1'],
    ['connection_string', 'mysql://u:canary%@h/d'],
  ];
  for (const [name, text] of wrong) {
    expect(() => settings({ [name]: text }), `${name} ${text}`).toThrow(
      expect.objectContaining({ code: 'invalid_parameter', message: expect.stringContaining(`mysql_${name}`) }),
    );
    expect(() => settings({ [name]: text })).not.toThrow('canary');
  }
});
