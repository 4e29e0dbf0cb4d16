import { inspect } from 'node:util';
import { expect, test, vi } from 'vitest';
import { isMillraceError, type MillraceError } from './error.ts';
import type { ParameterSpec, Parameters } from './parameter-spec.ts';
import { type GivenParameter, type ResolveParametersRequest, resolveParameters } from './resolve-parameters.ts';

const SPECS: readonly ParameterSpec[] = [
  { name: 'host', kind: 'connector', type: 'string', description: 'Server.', required: true, examples: ['db.local'] },
  { name: 'port', kind: 'connector', type: 'integer', description: 'Port.', default: '5432' },
  { name: 'pass', kind: 'connector', type: 'string', description: 'Password.', secret: true },
  { name: 'pin', kind: 'connector', type: 'integer', description: 'Pin.', secret: true },
  { name: 'sslmode', kind: 'connector', type: 'string', description: 'TLS.', oneOf: ['disable', 'require'] },
  { name: 'ratio', kind: 'connector', type: 'number', description: 'A number.' },
  { name: 'strict', kind: 'connector', type: 'boolean', description: 'A switch.' },
  { name: 'timeout', kind: 'connector', type: 'duration', description: 'Patience.' },
  { name: 'buffer', kind: 'connector', type: 'bytes', description: 'Memory.' },
  { name: 'endpoint', kind: 'connector', type: 'url', description: 'Where.' },
  { name: 'options', kind: 'connector', type: 'json', description: 'More.' },
  { name: 'file_format', kind: 'runtime', type: 'string', description: 'Format.' },
  { name: 'user_name', kind: 'connector', type: 'string', description: 'Old name.', deprecated: 'Use pg_user.' },
];

type Given = Readonly<Record<string, string | GivenParameter>>;

function resolve(given: Given, changes: Partial<ResolveParametersRequest> = {}): Parameters {
  const entries = Object.entries(given).map(([key, value]): [string, GivenParameter] => [
    key,
    typeof value === 'string' ? { text: value } : value,
  ]);
  return resolveParameters({
    specs: SPECS,
    prefix: 'pg',
    given: new Map(entries),
    component: 'dataset orders',
    connector: 'postgres',
    ...changes,
  });
}

function failure(given: Given, changes?: Partial<ResolveParametersRequest>): MillraceError {
  try {
    resolve(given, changes);
  } catch (error) {
    if (isMillraceError(error)) return error;
    throw error;
  }
  return expect.unreachable();
}

test('text is read as the type says', () => {
  const parameters = resolve({
    pg_host: '0123',
    pg_ratio: '-1.5e3',
    pg_strict: 'TRUE',
    pg_timeout: '1h30m',
    pg_buffer: '64KiB',
    pg_endpoint: 'https://example.org/x',
    pg_options: '{"a":[1,null]}',
    file_format: '1e3',
  });
  expect(parameters.string('host')).toBe('0123');
  expect(parameters.number('port')).toBe(5432);
  expect(parameters.number('ratio')).toBe(-1500);
  expect(parameters.boolean('strict')).toBe(true);
  expect(parameters.number('timeout')).toBe(5_400_000);
  expect(parameters.number('buffer')).toBe(65_536);
  expect(parameters.string('endpoint')).toBe('https://example.org/x');
  expect(parameters.get('options')).toEqual({ a: [1, null] });
  expect(parameters.string('file_format')).toBe('1e3');
  expect(parameters.get('sslmode')).toBeUndefined();
  expect([parameters.has('host'), parameters.has('port'), parameters.has('sslmode')]).toEqual([true, false, false]);
});

test.each([
  [{ pg_port: '12x' }, 'parameter pg_port must be a whole number between -(2^53 - 1) and 2^53 - 1 and not "12x"'],
  [{ pg_port: '9007199254740993' }, 'pg_port must be a whole number'],
  [{ pg_port: '' }, 'pg_port must be a whole number'],
  [{ pg_port: '1.0' }, 'pg_port must be a whole number'],
  [{ pg_ratio: 'NaN' }, 'pg_ratio must be a finite number'],
  [{ pg_ratio: '1e999' }, 'pg_ratio must be a finite number'],
  [{ pg_strict: 'yes' }, 'pg_strict must be true or false and not "yes"'],
  [{ pg_timeout: '10' }, 'pg_timeout must be a number with a unit'],
  [{ pg_buffer: 'lots' }, 'pg_buffer must be a size in bytes'],
  [{ pg_endpoint: 'nowhere' }, 'pg_endpoint must be an absolute URL.'],
  [{ pg_options: '{' }, 'pg_options must be JSON other than null.'],
  [{ pg_options: 'null' }, 'pg_options must be JSON other than null.'],
  [{ pg_sslmode: 'requrie' }, 'pg_sslmode must be one of disable, require and not "requrie". Did you mean require?'],
  [{ pg_sslmode: 'Require' }, 'Did you mean require?'],
])('%j is refused', (given, message) => {
  const error = failure({ pg_host: 'h', ...given } as Given);
  expect(error.code).toBe('invalid_parameter');
  expect(error.message).toContain('dataset orders (postgres): ');
  expect(error.message).toContain(message);
});

test.each([
  ['pg_hots', 'Did you mean pg_host?'],
  ['hots', 'Did you mean pg_host?'],
  ['host', 'Write pg_host.'],
  ['postgres_host', 'Write pg_host.'],
  ['pg_file_format', 'parameter file_format carries no prefix. Write file_format.'],
  ['mysql_file_format', 'Write file_format.'],
  ['user_name', 'parameter user_name carries the prefix pg_. Write pg_user_name.'],
  ['fileformat', 'Did you mean file_format?'],
  ['zzzzzzzz', 'Known parameters: file_format, pg_buffer, '],
])('unknown parameter %s is an error that says the right name', (key, hint) => {
  const error = failure({ pg_host: 'h', [key]: 'v' });
  expect(error.code).toBe('unknown_parameter');
  expect(error.message).toContain(`there is no parameter ${key}`);
  expect(error.message).toContain(hint);
});

test('a plugin without parameters says so', () => {
  expect(failure({ anything: '1' }, { specs: [] }).message).toContain('It takes no parameters.');
});

test('a required parameter is missing when absent and when empty', () => {
  expect(failure({}).code).toBe('missing_parameter');
  expect(failure({}).message).toBe(
    'dataset orders (postgres): parameter pg_host is required and missing. Set pg_host, for example to db.local.',
  );
  expect(failure({ pg_host: '' }).message).toContain('required and empty');
});

test('the location is that of the parameter at fault', () => {
  const location = { file: 'millrace.yaml', line: 7, column: 11 };
  const error = failure({ pg_host: 'h', pg_port: { text: 'x', location } });
  expect(error.location).toEqual(location);
  expect(error.message).toMatch(/^millrace\.yaml:7:11: dataset orders/);
});

test('all problems are listed in one error', () => {
  const location = { file: 'millrace.yaml', line: 3, column: 5 };
  const error = failure({ pg_prot: { text: '1', location }, pg_strict: 'maybe' });
  expect(error.code).toBe('unknown_parameter');
  expect(error.message).toContain('3 parameters are wrong:');
  expect(error.message).toContain('- 3:5: there is no parameter pg_prot. Did you mean pg_port?');
  expect(error.message).toContain('- parameter pg_host is required and missing.');
  expect((error.cause as AggregateError).errors.map((problem: MillraceError) => problem.code)).toEqual([
    'unknown_parameter',
    'missing_parameter',
    'invalid_parameter',
  ]);
});

test('a deprecated parameter is reported only when it is used', () => {
  const onDeprecated = vi.fn();
  resolve({ pg_host: 'h' }, { onDeprecated });
  expect(onDeprecated).not.toHaveBeenCalled();
  resolve({ pg_host: 'h', pg_user_name: 'me' }, { onDeprecated });
  expect(onDeprecated.mock.calls).toEqual([
    ['dataset orders (postgres): parameter pg_user_name is deprecated. Use pg_user.'],
  ]);
});

test('secrets are shown nowhere', () => {
  const parameters = resolve({
    pg_host: { text: 'canary-host', containsSecret: true },
    pg_pass: 'canary-pass',
    pg_endpoint: 'https://someone:canary-url@example.org/x',
    pg_sslmode: 'require',
  });
  expect(parameters.string('pass')).toBe('canary-pass');
  expect(parameters.string('endpoint')).toContain('canary-url');
  const shown = [
    JSON.stringify({ parameters }),
    String(parameters),
    `${parameters}`,
    inspect(parameters, { depth: 9, showHidden: true }),
    inspect({ nested: parameters }, { customInspect: false, depth: 9, showHidden: true }),
    JSON.stringify({ ...parameters }),
    JSON.stringify(Object.entries(parameters)),
  ];
  for (const text of shown) expect(text).not.toContain('canary');
  expect(parameters.toJSON()).toEqual({
    host: '***',
    port: 5432,
    pass: '***',
    endpoint: 'https://***@example.org/x',
    sslmode: 'require',
  });
});

test.each<[Given]>([
  [{ pg_host: 'h', pg_pin: 'canary' }],
  [{ pg_host: 'h', pg_sslmode: { text: 'canary', containsSecret: true } }],
  [{ pg_host: 'h', pg_endpoint: '//someone:canary@nowhere' }],
  [{ pg_host: 'h', pg_options: '{"password":canary' }],
  [{ pg_host: 'h', pg_nothing: 'canary' }],
])('errors do not repeat what may be secret: %j', (given) => {
  const error = failure(given);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary');
});

test('mistakes of the plugin are TypeErrors', () => {
  const parameters = resolve({ pg_host: 'h' });
  expect(() => parameters.get('hots')).toThrow(TypeError);
  expect(() => parameters.number('host')).toThrow(TypeError);
  expect(() => parameters.string('port')).toThrow(TypeError);
  const port: ParameterSpec = { name: 'port', kind: 'connector', type: 'integer', description: 'Port.' };
  expect(() => resolve({}, { specs: [port, port] })).toThrow(/specifies parameter pg_port twice/);
  expect(() => resolve({}, { specs: [port, { ...port, kind: 'runtime' }] })).toThrow(TypeError);
  expect(() => resolve({}, { specs: [{ ...port, default: 'x' }] })).toThrow(
    /the default of postgres's parameter pg_port/,
  );
});

test('without a prefix every parameter goes by its name', () => {
  expect(resolve({ host: 'h' }, { prefix: '' }).string('host')).toBe('h');
});
