// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to secrets look like this.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema } from '../../src/config/index.ts';
import { loadYaml, problemsOf } from './load-yaml.ts';

const HEAD = 'version: v1\ncatalogs:\n  - from: postgres\n    name: pg\n';

describe('catalogs in a configuration', () => {
  it('are read with patterns and both kinds of parameters', async () => {
    const text = `${HEAD}    description: The shop.
    include: [public.*, "sales.*"]
    exclude: ['*.tmp_*']
    params: { pg_host: h, pg_pass: "\${env:PASS}" }
    dataset_params: { pg_timeout: 0010 }
    unsupported_type_action: string\n`;
    const { catalogs } = await loadYaml({ text, environment: { PASS: 'hidden' } });
    const [catalog] = catalogs;
    expect(catalog).toMatchObject({
      name: 'pg',
      description: 'The shop.',
      from: { connector: 'postgres', path: '' },
      include: ['public.*', 'sales.*'],
      exclude: ['*.tmp_*'],
      unsupportedTypeAction: 'string',
    });
    expect([...catalog!.params].map(([name, { text: value }]) => [name, value])).toEqual([
      ['pg_host', 'h'],
      ['pg_pass', 'hidden'],
      ['pg_timeout', '0010'],
    ]);
    expect(JSON.stringify([...catalog!.params])).not.toContain('hidden');
    expect(catalog!.location('dataset_params.pg_timeout')).toMatchObject({ line: 9, column: 23 });
  });

  it.each<[string, string, readonly string[]]>([
    [
      'an unknown field',
      `${HEAD}    includes: [a.*]`,
      ['unknown_field 5:5 catalog pg: there is no field `includes` | Did you mean `include`?'],
    ],
    [
      'a field of a later step',
      `${HEAD}    acceleration: {}`,
      ['not_yet_supported 5:5 catalog pg: `acceleration` is not supported yet | Remove it for now'],
    ],
    [
      'a pattern that is no list',
      `${HEAD}    include: public.*`,
      ['invalid_config 5:5 catalog pg: `include` must be a list and is text'],
    ],
    ['an empty list', `${HEAD}    exclude: []`, ['invalid_config 5:5 catalog pg: `exclude` is empty']],
    [
      'a name of two parts',
      'version: v1\ncatalogs: [{ from: postgres, name: a.b }]',
      [
        'invalid_config 2:30 catalog a.b: `name` is not a legal name of a catalog | Use letters, digits and `_`, or quote it; the tables are then `name.schema.table`',
      ],
    ],
    ...['main', 'memory', 'temp', 'information_schema'].map((name): [string, string, readonly string[]] => [
      `the name ${name}`,
      `version: v1\ncatalogs: [{ from: postgres, name: ${name} }]`,
      [expect.stringMatching(/^invalid_config 2:30 catalog .* belongs to the engine/)],
    ]),
    [
      'a name twice',
      `${HEAD}  - from: mysql\n    name: PG`,
      ['already_exists 6:5 catalog PG: the name is that of catalog pg in line 4 already | Choose another'],
    ],
    [
      'a dataset in a schema of its name',
      `${HEAD}datasets: [{ from: memory, name: pg.orders }]`,
      [
        'already_exists 5:28 dataset pg.orders: its schema is the name of catalog pg | Choose another schema, or another name for the catalog',
      ],
    ],
    [
      'a parameter twice',
      `${HEAD}    params: { pg_host: a }\n    dataset_params: { pg_host: b }`,
      ['invalid_config 6:23 catalog pg: parameter pg_host stands in `params`, too | Remove one of them'],
    ],
    [
      'an unknown action',
      `${HEAD}    unsupported_type_action: drop`,
      ['invalid_config 5:5 catalog pg: `unsupported_type_action` must be one of error, warn, ignore, string'],
    ],
  ])('refuses %s', async (_, text, problems) => {
    expect(await problemsOf(loadYaml({ text }))).toEqual(problems);
  });

  it('are known to editors with the parameters of their connectors', () => {
    const host = { name: 'host', kind: 'connector', type: 'string', required: true, description: 'Host.' } as const;
    const postgres = { id: 'postgres', prefix: 'pg', parameters: [host] };
    const validate = new Ajv2020({ allowUnionTypes: true }).compile(
      configJsonSchema({ connectors: [postgres], accelerators: [] }),
    );
    expect(validate(parse(`${HEAD}    dataset_params: { pg_host: h }`)), JSON.stringify(validate.errors)).toBe(true);
    expect(validate(parse(`${HEAD}    params: { pg_hots: h }`))).toBe(false);
    expect(validate(parse('version: v1\ncatalogs: [{ from: other, name: pg }]'))).toBe(false);
  });
});
