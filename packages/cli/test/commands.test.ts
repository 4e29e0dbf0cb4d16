import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIpc, rowsFromBatch } from '@millrace/arrow';
import { loadConfig } from '@millrace/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHostFixture, type HostFixture } from './host-fixture.ts';
import { runCaptured } from './run-captured.ts';

let host: HostFixture;
let config: string;

beforeAll(() => {
  host = createHostFixture();
  config = host.write(
    'millrace.yaml',
    `version: v1
datasets:
  - from: counter:3
    name: numbers
    description: counted
  - from: counter:5
    name: kept
    acceleration: { engine: keeper }
  - from: counter:down
    name: gone
    params: { counter_token: hunter2-canary }
  - from: counter:4
    name: failing
    params: { counter_fail_at: 2, counter_token: hunter2-canary }
views:
  - name: evens
    sql: SELECT n FROM numbers WHERE n % 2 = 0
`,
  );
});
afterAll(() => host.remove());

const run = (...args: string[]) => runCaptured([...args, '--config', config]);

describe('millrace sql', () => {
  const query = 'SELECT n, n::INTEGER AS small, CAST(n AS DECIMAL(10,2)) AS price FROM numbers ORDER BY n LIMIT 2';

  it('writes ndjson where there is no terminal, with 64-bit integers and decimals as strings', async () => {
    const { status, stdout } = await run('sql', query);
    expect(status).toBe(0);
    expect(stdout).toBe('{"n":"0","small":0,"price":"0.00"}\n{"n":"1","small":1,"price":"1.00"}\n');
  });

  it('writes one JSON array', async () => {
    const { stdout } = await run('sql', query, '--format', 'json');
    expect(JSON.parse(stdout)).toEqual([
      { n: '0', small: 0, price: '0.00' },
      { n: '1', small: 1, price: '1.00' },
    ]);
    expect(JSON.parse((await run('sql', 'FROM numbers WHERE n < 0', '--format', 'json')).stdout)).toEqual([]);
  });

  it('writes CSV with a header also for no rows', async () => {
    expect((await run('sql', query, '--format', 'csv')).stdout).toBe('n,small,price\r\n0,0,0.00\r\n1,1,1.00\r\n');
    expect((await run('sql', 'FROM numbers WHERE n < 0', '--format', 'csv')).stdout).toBe('n\r\n');
  });

  it('writes an Arrow stream', async () => {
    const { stdoutBytes } = await run('sql', 'SELECT n FROM numbers WHERE n >= 2998 ORDER BY n', '--format', 'arrow');
    const { schema, batches } = await readIpc(stdoutBytes);
    const rows: unknown[] = [];
    for await (const batch of batches) rows.push(...rowsFromBatch(batch));
    expect(schema.fields.map(({ name }) => name)).toEqual(['n']);
    expect(rows).toEqual([{ n: 2998n }, { n: 2999n }]);
  });

  it('writes a table on a terminal, with the count of rows on stderr', async () => {
    const { stdout, stderr } = await runCaptured(['sql', query, '-c', config], { terminalWidth: 60 });
    expect(stdout).toContain('│ n │ small │ price │');
    expect(stderr).toMatch(/2 rows in [\d.]+ m?s\n$/);
  });

  it('shows 1,000 rows and says how many more there are', async () => {
    const { stdout } = await run('sql', 'SELECT n FROM numbers ORDER BY n', '--format', 'table');
    expect(stdout).toContain('│ 999 │');
    expect(stdout).not.toContain('│ 1000 │');
    expect(stdout).toMatch(/\n… 2,000 more rows\n$/);
  });

  it('reads the statement from standard input and from a file', async () => {
    const fromInput = await runCaptured(['sql', '-', '-c', config], { stdin: 'SELECT count(*) AS c\nFROM evens;\n' });
    expect(fromInput.stdout).toBe('{"c":"1500"}\n');
    expect((await runCaptured(['sql', '-c', config], { stdin: 'SELECT 1 AS a' })).stdout).toBe('{"a":1}\n');
    const file = host.write('q.sql', '\uFEFF-- how many\nSELECT count(*) AS c FROM numbers');
    expect((await run('sql', '--file', file)).stdout).toBe('{"c":"3000"}\n');
  });

  it('binds parameters by name and by position', async () => {
    const named = await run('sql', 'SELECT $who AS who, CAST($n AS INTEGER) + 1 AS n', '-p', 'who=it=me', '-p', 'n=2');
    expect(named.stdout).toBe('{"who":"it=me","n":3}\n');
    expect((await run('sql', 'SELECT ? AS a, ? AS b', '-p', '2=y', '-p', '1=x')).stdout).toBe('{"a":"x","b":"y"}\n');
  });

  it.each([['--pushdown'], ['--native']])('gives the same rows with %s off', async (option) => {
    const { stdout } = await run('sql', 'SELECT sum(n) AS s FROM evens WHERE n > 10', option, 'off');
    expect(stdout).toBe((await run('sql', 'SELECT sum(n) AS s FROM evens WHERE n > 10')).stdout);
    expect(stdout).toContain('"s":');
  });

  it('fails with what went wrong, what to do and the code on stderr', async () => {
    const { status, stdout, stderr } = await run('sql', 'SELECT * FROM nmbers');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('error: query: there is no dataset or view nmbers\n  hint: Did you mean numbers?');
    expect(stderr).toMatch(/\n {2}code: unknown_table\n$/);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect((await run('sql', 'SELECT * FROM nmbers', '--debug')).stderr).toMatch(/\n\s+at /);
  });

  it('shows no secret when a source fails, be it at once or midway', async () => {
    for (const sql of ['SELECT * FROM gone', 'SELECT * FROM failing']) {
      const { status, stdout, stderr } = await run('sql', sql, '--debug');
      expect(status).toBe(1);
      expect(stderr).toContain('error: ');
      expect(stdout + stderr).not.toContain('hunter2-canary');
    }
  });

  it('ends with 130 when it is interrupted', async () => {
    const slow = 'SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 3';
    const { status, stdout, stderr } = await runCaptured(['sql', slow, '-c', config], {
      onStart: (interrupt) => setTimeout(() => interrupt('SIGINT'), 1_500),
    });
    expect([status, stdout]).toEqual([130, '']);
    expect(stderr).toMatch(/cancelled\n$/);
  });
});

describe('wrong usage', () => {
  it.each([
    [['frobnicate']],
    [['sql', 'SELECT 1', '--formt', 'json']],
    [['sql', 'SELECT 1', '--format', 'xml']],
    [['sql', 'SELECT 1', '--pushdown', 'maybe']],
    [['sql', 'SELECT 1', '--param', 'novalue']],
    [['sql', 'SELECT 1', '--param', '2=x']],
    [['sql', 'SELECT 1', '--file', 'x.sql']],
    [['sql', 'SELECT 1', 'SELECT 2']],
    [['sql', '  ']],
    [['refresh']],
    [['init']],
    [[]],
  ])('%j ends with 2 and prints nothing on stdout', async (args) => {
    const { status, stdout, stderr } = await runCaptured(args, { stdin: '' });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/error: |Usage: /);
  });

  it('is not to ask for help or the version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(await runCaptured(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n` });
    const help = await runCaptured(['sql', '--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    for (const option of ['--format', '--pushdown', '--native', '--param', '--file', '--config', '--host-root'])
      expect(help.stdout).toContain(option);
  });
});

describe('millrace explain', () => {
  it('says in words or as JSON how a query would be answered', async () => {
    const words = await run('explain', 'SELECT n FROM numbers WHERE n > 5');
    expect(words.stdout).toMatch(/^numbers: scan\n {2}columns: n\n {2}filter \(none\): n > 5\n/);
    const json = JSON.parse((await run('explain', 'SELECT n FROM numbers', '--format', 'json')).stdout);
    expect(json.scans).toMatchObject([{ table: 'numbers', access: 'scan', columns: ['n'] }]);
  });
});

describe('millrace datasets', () => {
  it('lists all with their state, one that fails among them', async () => {
    const { status, stdout, stderr } = await run('datasets', '--wait', '--format', 'json');
    expect(status).toBe(0);
    const rows: Record<string, unknown>[] = JSON.parse(stdout);
    expect(rows.map(({ name, state }) => [name, state])).toEqual([
      ['numbers', 'federated'],
      ['kept', expect.stringMatching(/ready|loading/)],
      ['gone', 'error'],
      ['failing', 'federated'],
    ]);
    expect(rows[1]).toMatchObject({ engine: 'keeper', mode: 'memory', columns: 1 });
    expect(rows[0]).toMatchObject({ age: null });
    expect(stdout + stderr).not.toContain('hunter2-canary');
  });

  it('shows the rows of a copy and how old they are', async () => {
    const text = 'version: v1\ndatasets: [{ from: "counter:5", name: kept, acceleration: { engine: keeper } }]\n';
    const file = host.write('aged.yaml', text);
    const { stdout } = await runCaptured(['datasets', '--wait', '--format', 'json', '-c', file]);
    expect(JSON.parse(stdout)).toMatchObject([
      { state: 'ready', rows: '5000', age: expect.stringMatching(/^\d+s$/), error: null },
    ]);
  });

  it('lists the first tables of a catalog, all of them when asked, and the figures of its connector', async () => {
    const file = host.write(
      'catalogs.yaml',
      'version: v1\ncatalogs:\n  - from: counter\n    name: c\n    exclude: ["*.set_30"]\n',
    );
    const list = async (...options: string[]) => {
      const { stdout, stderr } = await runCaptured(['datasets', '--format', 'json', ...options, '-c', file]);
      return { rows: JSON.parse(stdout) as Record<string, unknown>[], stderr };
    };
    const { rows, stderr } = await list();
    expect(rows[0]).toMatchObject({ name: 'c.*', from: 'counter', state: 'ready' });
    expect(rows[1]).toMatchObject({ name: 'c.sets.set_1', state: 'federated', columns: null });
    expect(rows).toHaveLength(21);
    expect(stderr).toContain('catalog c has 29 tables, 20 of them are shown');
    const all = await list('--all-tables');
    expect([all.rows.length, all.stderr]).toEqual([30, '']);
    expect((await list('--metrics')).rows).toEqual([
      { connector: 'counter', serves: 'catalog c', figure: 'batches', value: '12345678901234567890' },
    ]);
    const counted = await runCaptured(['sql', 'SELECT count(*) AS n FROM c.sets.set_2', '-c', file]);
    expect(counted.stdout).toBe('{"n":"2000"}\n');
    expect((await runCaptured(['validate', '-c', file])).stdout).toContain('0 datasets, 0 views, 1 catalog');
  });
});

describe('millrace refresh', () => {
  it('loads an accelerated dataset and says what that did', async () => {
    const { status, stdout, stderr } = await run('refresh', 'kept');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ dataset: 'kept', rows: '5000', path: 'batches' });
    expect(stderr).toContain('note: the copy was in memory');
  });

  it('refuses one that is not accelerated, and names the nearest', async () => {
    expect((await run('refresh', 'numbers')).stderr).toContain('code: unsupported');
    expect((await run('refresh', 'kpt')).stderr).toContain('Did you mean kept?');
  });
});

describe('millrace plugins', () => {
  it('shows the plugins as a table and below it what is wrong, with code, file and fix', async () => {
    const { status, stdout } = await run('plugins');
    expect(status).toBe(0);
    expect(stdout).toMatch(/│ connector +│ counter │ .* │ plugin-counter │ 1\.2\.3 +│ beta/);
    expect(stdout).toMatch(/│ accelerator │ keeper /);
    expect(stdout).toContain(`Plugins come from the dependencies in ${join(host.folder, 'package.json')}.`);
    expect(stdout).toMatch(/error: plugin-broken: .*\[entry_missing\]\n {2}file: .*plugin-broken.*\n {2}fix: .+\n/);
  });

  it('has the findings as rows in other formats', async () => {
    const rows: Record<string, unknown>[] = JSON.parse((await run('plugins', '--format', 'json')).stdout);
    expect(rows).toContainEqual(expect.objectContaining({ status: 'ok', kind: 'connector', id: 'counter' }));
    expect(rows).toContainEqual(expect.objectContaining({ status: 'error', code: 'entry_missing', id: 'broken' }));
  });

  it('writes the static registry, and checks it', async () => {
    const file = join(host.folder, 'millrace.plugins.generated.ts');
    expect(await run('plugins', 'sync', '--check')).toMatchObject({ status: 1 });
    expect(existsSync(file)).toBe(false);
    expect(await run('plugins', 'sync')).toMatchObject({ status: 0, stdout: '' });
    expect(readFileSync(file, 'utf8')).toContain('import("plugin-counter")');
    expect(await run('plugins', 'sync', '--check')).toMatchObject({ status: 0 });
    host.write('millrace.plugins.generated.ts', '// old\n');
    const stale = await run('plugins', 'sync', '--check');
    expect([stale.status, readFileSync(file, 'utf8')]).toEqual([1, '// old\n']);
    expect(stale.stderr).toContain('millrace plugins sync');
  });
});

describe('millrace validate', () => {
  it('says that a configuration is right, without connecting', async () => {
    const { status, stdout, stderr } = await run('validate');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`${config} is valid: 4 datasets, 1 view\n`);
  });

  it('prints every problem of the file with its place', async () => {
    const file = host.write(
      'shape.yaml',
      'version: v1\ndatasets:\n  - form: counter:1\n    name: a\n  - from: counter:1\n    name: A\n',
    );
    const { status, stderr } = await runCaptured(['validate', '-c', file]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/shape\.yaml:3:5: .*form[\s\S]*code: unknown_field/);
    expect(stderr).toMatch(/shape\.yaml:6:5: [\s\S]*code: already_exists/);
  });

  it('prints every problem with plugins and their parameters with its place', async () => {
    const file = host.write(
      'plugins.yaml',
      'version: v1\ndatasets:\n  - from: conter:1\n    name: a\n  - from: counter:1\n    name: b\n    params:\n      counter_fail_at: soon\n      counter_tokn: hunter2-canary\n    acceleration: { engine: keper }\ncatalogs:\n  - from: counter\n    name: c\n    params:\n      counter_x: 1\n',
    );
    const { status, stdout, stderr } = await runCaptured(['validate', '-c', file]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/plugins\.yaml:3:5: .*no connector conter[\s\S]*Did you mean counter\?/);
    expect(stderr).toMatch(/plugins\.yaml:8:7: .*counter_fail_at must be/);
    expect(stderr).toMatch(/plugins\.yaml:9:7: .*no parameter counter_tokn[\s\S]*Did you mean counter_token\?/);
    expect(stderr).toMatch(/plugins\.yaml:10:\d+: .*no accelerator keper/);
    expect(stderr).toMatch(/plugins\.yaml:15:7: catalog c \(counter\): .*no parameter counter_x/);
    expect(stderr).not.toContain('hunter2-canary');
  });

  it('parses the SQL and prints what is wrong with its place', async () => {
    const file = host.write(
      'sql.yaml',
      'version: v1\ndatasets:\n  - from: counter:1\n    name: a\nviews:\n  - name: v\n    sql: |\n      SELECT n,\n        at\n      FROM a\n',
    );
    const { status, stdout, stderr } = await runCaptured(['validate', '-c', file]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/sql\.yaml:10:7: view v: .*syntax error at or near "FROM"[\s\S]*code: sql_syntax/);
  });

  it('names the command that makes a configuration where there is none', async () => {
    const { status, stderr } = await runCaptured(['validate', '-c', join(host.folder, 'nowhere.yaml')]);
    expect(status).toBe(1);
    expect(stderr).toContain('millrace init');
  });
});

describe('millrace schema', () => {
  it('is a JSON Schema that knows the parameters of the installed plugins', async () => {
    const { status, stdout } = await run('schema');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).$schema).toContain('2020-12');
    expect(stdout).toContain('"counter_fail_at"');
  });
});

describe('millrace init', () => {
  it('writes a configuration for the data files and keeps local copies out of git', async () => {
    for (const path of ['in/data/Daily Sales.csv', 'in/order.parquet', 'in/2020.json.gz', 'in/deep/order.csv'])
      host.write(path, '');
    for (const path of ['in/package.json', 'in/node_modules/x/y.csv', 'in/notes.txt', 'in/tsconfig.base.json'])
      host.write(path, '{}');
    host.write('in/.gitignore', 'dist');
    const file = join(host.folder, 'in/millrace.yaml');
    const first = await runCaptured(['init', '--yes', '-c', file]);
    expect([first.status, first.stdout]).toEqual([0, '']);
    expect(first.stderr).toContain('npm install @millrace/connector-file');
    const loaded = await loadConfig({ configPath: file });
    expect(loaded.datasets.map(({ name, from }) => [name.table, from.text])).toEqual([
      ['data_2020', 'file:2020.json.gz'],
      ['Daily_Sales', 'file:data/Daily Sales.csv'],
      ['order_data', 'file:deep/order.csv'],
      ['order_data_2', 'file:order.parquet'],
    ]);
    expect(readFileSync(join(host.folder, 'in/.gitignore'), 'utf8')).toBe('dist\n.millrace/\n');
  });

  it('does not overwrite unless told to', async () => {
    const file = host.write('there/millrace.yaml', 'mine');
    const refused = await runCaptured(['init', '--yes', '-c', file]);
    expect([refused.status, readFileSync(file, 'utf8')]).toEqual([1, 'mine']);
    expect(refused.stderr).toMatch(/--force[\s\S]*already_exists/);
    expect((await runCaptured(['init', '--yes', '--force', '-c', file])).status).toBe(0);
    expect((await loadConfig({ configPath: file })).datasets).toEqual([]);
  });
});
