// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to secrets look like this.
import { type ParameterSpec, parameterKey } from '@millrace/core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema } from '../../src/config/index.ts';

const spec = (name: string, rest: Partial<ParameterSpec> = {}): ParameterSpec => ({
  name,
  kind: 'connector',
  type: 'string',
  description: `The ${name}.`,
  ...rest,
});

const POSTGRES = {
  id: 'postgres',
  aliases: ['pg'],
  prefix: 'pg',
  parameters: [
    spec('host', { required: true }),
    spec('port', { type: 'integer', default: '5432' }),
    spec('pass', { secret: true, default: 'hunter2' }),
    spec('sslmode', { oneOf: ['on', 'off', 'true', '1'] }),
    spec('timeout', { type: 'duration', kind: 'runtime' }),
    spec('headers', { type: 'json', deprecated: 'Use pg_options.' }),
    spec('compress', { type: 'boolean' }),
    spec('ratio', { type: 'number' }),
    spec('buffer', { type: 'bytes' }),
  ],
};
const MEMORY = { id: 'memory', prefix: 'memory', parameters: [] };
const ACCELERATORS = [
  { id: 'arrow', prefix: 'arrow', parameters: [] },
  { id: 'duckdb', prefix: 'duckdb', parameters: [spec('file', { kind: 'accelerator' })] },
];

const schema = configJsonSchema({ connectors: [POSTGRES, MEMORY], accelerators: ACCELERATORS });
// `strict` refuses keywords that mean nothing; unions of types and `required` beside `if` are meant.
const ajv = new Ajv2020({
  strict: true,
  allowUnionTypes: true,
  strictRequired: false,
  strictTypes: false,
  allErrors: true,
});
const validate = ajv.compile(schema);
const accepts = (yaml: string) => validate(parse(yaml));

const dataset = (text: string) => `version: v1\ndatasets:\n  - name: t\n    ${text.replaceAll('\n', '\n    ')}`;
const host = (rest: string) => dataset(`from: postgres:public.t\nparams: { pg_host: h, ${rest} }`);

describe('the schema for editors', () => {
  it.each<[string, string]>([
    ['a version alone', 'version: v1'],
    ['empty lists', 'version: v1\ndatasets:\nviews:'],
    ['a view', 'version: v1\nviews: [{ name: v, sql: SELECT 1 }]'],
    [
      'an accelerated view',
      'version: v1\nviews: [{ name: v, sql: SELECT 1, time_column: at, acceleration: { engine: duckdb, params: { duckdb_file: x } } }]',
    ],
    ['a results cache', 'version: v1\nruntime: { caching: { sql_results: { max_size: 64MiB, item_ttl: 10s } } }'],
    ['a connector without parameters', dataset('from: memory')],
    ['a connector with empty parameters', dataset('from: memory:x\nparams:')],
    ['parameters with prefix', host('pg_port: 5432, timeout: 10s')],
    ['parameters of an alias', dataset('from: pg:x\nparams: { pg_host: h }')],
    [
      'texts of numbers and booleans',
      host('pg_port: "5432", pg_compress: "true", pg_ratio: "1.5e3", pg_buffer: 64KiB'),
    ],
    [
      'references',
      host("pg_port: '${env:PORT}', pg_sslmode: '${env:SSL}', timeout: '${env:T}', pg_compress: '${env:C}'"),
    ],
    ['allowed values in any spelling', host('pg_sslmode: true')],
    ['an allowed number', host('pg_sslmode: 1')],
    ['a map for JSON', host('pg_headers: { a: [1] }')],
    ['a string parameter that looks like a number', host('pg_pass: 0123')],
    ['the default engine', dataset('from: memory\nacceleration: {}')],
    ['a named engine', dataset('from: memory\nacceleration: { engine: duckdb, params: { duckdb_file: x } }')],
    [
      'everything about refreshes',
      dataset(`from: memory
time_column: at
time_format: ISO8601
ready_state: on_registration
depends_on: [u]
acceleration:
  refresh_mode: append
  refresh_append_overlap: 1m
  refresh_data_window: 7d
  refresh_cron: 0 3 * * *
  refresh_jitter_enabled: true
  refresh_jitter_max: 10s
  refresh_on_startup: always
  refresh_retry_max_attempts: 3
  primary_key: (a, b)
  indexes: { c: unique, "(c, d)": enabled }
  on_conflict: { "(a, b)": drop }
  on_zero_results: use_source
  retention_check_enabled: true
  retention_check_interval: 1h
  retention_period: 30d
  retention_sql: DELETE FROM t WHERE a = 1`),
    ],
    ['a limit of loads', 'version: v1\nruntime: { dataset_load_parallelism: 2 }'],
  ])('accepts %s', (_, yaml) => {
    expect(accepts(yaml), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each<[string, string, string]>([
    ['no version', 'datasets: []', '/ required'],
    ['an unknown field', 'version: v1\nx: 1', '/ additionalProperties'],
    ['a view without query', 'version: v1\nviews: [{ name: v }]', '/views/0 oneOf'],
    ['a view with two queries', 'version: v1\nviews: [{ name: v, sql: a, sql_ref: b }]', '/views/0 oneOf'],
    ['an unknown connector', dataset('from: mysql:x'), '/datasets/0/from pattern'],
    ['a connector that only begins alike', dataset('from: memoryx:y'), '/datasets/0/from pattern'],
    [
      'a required parameter that is missing',
      dataset('from: postgres:x\nparams: { pg_port: 1 }'),
      '/datasets/0/params required',
    ],
    ['required parameters and no params', dataset('from: postgres:x'), '/datasets/0 required'],
    ['a parameter without its prefix', host('port: 1'), '/datasets/0/params additionalProperties'],
    ['a prefix on a runtime parameter', host('pg_timeout: 10s'), '/datasets/0/params additionalProperties'],
    [
      'a parameter of another connector',
      dataset('from: memory\nparams: { pg_host: h }'),
      '/datasets/0/params additionalProperties',
    ],
    [
      'an index of another kind',
      dataset('from: memory\nacceleration: { indexes: { a: primary } }'),
      '/datasets/0/acceleration/indexes/a enum',
    ],
    [
      'half a retry',
      dataset('from: memory\nacceleration: { refresh_retry_max_attempts: 1.5 }'),
      '/datasets/0/acceleration/refresh_retry_max_attempts type',
    ],
    [
      'a limit of nothing',
      'version: v1\nruntime: { dataset_load_parallelism: 0 }',
      '/runtime/dataset_load_parallelism minimum',
    ],
    ['a text for a number', host('pg_port: many'), '/datasets/0/params/pg_port anyOf'],
    ['a duration without unit', host('timeout: "10"'), '/datasets/0/params/timeout anyOf'],
    ['a value that is not allowed', host('pg_sslmode: maybe'), '/datasets/0/params/pg_sslmode anyOf'],
    [
      'an unknown engine',
      dataset('from: memory\nacceleration: { engine: redis }'),
      '/datasets/0/acceleration/engine anyOf',
    ],
    [
      'a parameter of another engine',
      dataset('from: memory\nacceleration: { params: { duckdb_file: x } }'),
      '/datasets/0/acceleration/params additionalProperties',
    ],
    [
      'a parameter of an engine that is not named',
      dataset('from: memory\nacceleration: { engine: arrow, params: { duckdb_file: x } }'),
      '/datasets/0/acceleration/params additionalProperties',
    ],
  ])('refuses %s', (_, yaml, expected) => {
    expect(accepts(yaml)).toBe(false);
    const found = validate.errors?.map(({ instancePath, keyword }) => `${instancePath || '/'} ${keyword}`);
    expect(found).toContain(expected);
  });

  it('describes parameters and never shows the default of a secret', () => {
    const text = JSON.stringify(schema);
    for (const each of POSTGRES.parameters)
      expect(text).toContain(`"${parameterKey(each, 'pg')}":{"description":"The ${each.name}.`);
    expect(text).toContain('"default":"5432"');
    expect(text).not.toContain('hunter2');
  });

  it('takes any connector and any parameter when no plugin is known', () => {
    const open = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(
      configJsonSchema({ connectors: [], accelerators: [] }),
    );
    expect(
      open(parse(dataset('from: anything:x\nparams: { a: 1 }\nacceleration: { engine: any, params: { b: 2 } }'))),
    ).toBe(true);
    expect(open(parse(dataset('from: x:y\nunknown: 1')))).toBe(false);
  });
});
