// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to secrets look like this.
import { describe, expect, it } from 'vitest';
import { loadConfig, type ParamInput } from '../../src/config/index.ts';
import { loadYaml, problemsOf } from './load-yaml.ts';

describe('a parameter in YAML keeps its source text', () => {
  it.each<[string, string]>([
    ['0123', '0123'],
    ['1e3', '1e3'],
    ['12345678901234567890', '12345678901234567890'],
    ['1.10', '1.10'],
    ['.5', '.5'],
    ['0x1F', '0x1F'],
    ['+7', '+7'],
    ['1_000', '1_000'],
    ['yes', 'yes'],
    ['True', 'True'],
    ['.inf', '.inf'],
    ['2024-01-31', '2024-01-31'],
    ['10:20:30', '10:20:30'],
    ['a b', 'a b'],
    ["';'", ';'],
    ["'it''s'", "it's"],
    ['"\\t"', '\t'],
    ['""', ''],
    ["'null'", 'null'],
    ["'0123'", '0123'],
    ['!!str 0123', '0123'],
    ['|-\n        one\n        two', 'one\ntwo'],
    ['[1, 0123, 1e3, 12345678901234567890, .5, x, true, ~]', '[1,"0123",1e3,12345678901234567890,".5","x",true,null]'],
    ['{ b: [{ c: "d" }], a: {} }', '{"b":[{"c":"d"}],"a":{}}'],
    ["'a: ${env:S}'", 'a: s"e'],
    ['{ auth: "${env:S}" }', '{"auth":"s\\"e"}'],
    ["'$${env:S}'", '${env:S}'],
    ["'cost: $5 {x}'", 'cost: $5 {x}'],
  ])('%s', async (source, text) => {
    const yaml = `version: v1\ndatasets:\n  - from: memory\n    name: t\n    params:\n      p: ${source}`;
    const { datasets } = await loadYaml({ text: yaml, environment: { S: 's"e' } });
    expect(datasets[0]?.params.get('p')?.text).toBe(text);
  });
});

describe('a parameter in an object becomes text', () => {
  it.each<[ParamInput, string]>([
    ['0123', '0123'],
    [7, '7'],
    [1.5, '1.5'],
    [9007199254740993n, '9007199254740993'],
    [false, 'false'],
    [['a', 1, true], '["a",1,true]'],
    [{ a: { b: 1n, c: undefined, d: null } }, '{"a":{"b":1,"d":null}}'],
  ])('%o', async (value, text) => {
    const config = { datasets: [{ from: 'memory', name: 't', params: { p: value } }] };
    const { datasets } = await loadConfig({ config });
    expect(datasets[0]?.params.get('p')).toEqual({ text });
  });
});

describe('a reference that is wrong', () => {
  it.each<[string, string]>([
    [
      '${env:X',
      'invalid_config dataset t: parameter p: a reference that begins with `${` is not closed | Write ${env:NAME} for a secret, and $${ for a literal ${',
    ],
    [
      '${X}',
      'invalid_config dataset t: parameter p: a reference lacks its store | Write ${env:NAME} for a secret, and $${ for a literal ${',
    ],
    [
      '${}',
      'invalid_config dataset t: parameter p: what stands between ${ and } is not `store:key` | Write ${env:NAME} for a secret, and $${ for a literal ${',
    ],
    [
      '${evn:X}',
      'invalid_config dataset t: parameter p: a reference names a secret store that does not exist | Did you mean `env`? The stores are env, secrets; `$${` is a literal `${`',
    ],
    [
      '${keyring:X}',
      'not_yet_supported dataset t: parameter p: the secret store keyring is not supported yet | Use ${env:NAME}',
    ],
    [
      '${env:X}',
      'missing_parameter dataset t: parameter p: the secret X is not set | Set the environment variable X, or put it into .env beside the configuration',
    ],
  ])('%s', async (value, problem) => {
    const config = { datasets: [{ from: 'memory', name: 't', params: { p: value } }] };
    expect(await problemsOf(loadConfig({ config }, { environment: {} }))).toEqual([problem]);
  });
});
