import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandLine, type RunningProcess, startProcess } from './command-process.ts';
import { createHostFixture, type HostFixture } from './host-fixture.ts';

/** util-linux's `script` gives a process a terminal; it is on every Debian, and not on every machine. */
const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const UP = '\u001b[A';
const PROMPT = 'millrace> ';

let host: HostFixture;
let config: string;
let history: string;

beforeAll(() => {
  host = createHostFixture();
  config = host.write('millrace.yaml', 'version: v1\ndatasets:\n  - from: counter:2\n    name: numbers\n');
  history = join(host.folder, 'history');
});
afterAll(() => host.remove());

/** Runs the command on a terminal of 100 columns. */
function startOnTerminal(...args: string[]): RunningProcess {
  const quoted = commandLine(args).map((part) => `'${part.replaceAll("'", `'\\''`)}'`);
  return startProcess(['script', '-qfec', `stty cols 100 rows 40; ${quoted.join(' ')}`, '/dev/null'], {
    MILLRACE_HISTORY: history,
    TERM: 'xterm',
  });
}

/** Waits until the question is there; keys count as answers then. */
async function listening(terminal: RunningProcess): Promise<void> {
  await terminal.waitFor('b.csv');
}

async function openPrompt(): Promise<RunningProcess> {
  const terminal = startOnTerminal('sql', '-c', config);
  await terminal.waitFor(PROMPT);
  return terminal;
}

describe.skipIf(!hasScript)('the prompt on a terminal (needs script of util-linux)', () => {
  it('runs statements of several lines, and point commands', async () => {
    const terminal = await openPrompt();
    const type = (text: string) => terminal.child.stdin.write(text);
    type('SELECT count(*) AS how_many,\r  \';\' AS "semi" -- ;\r FROM numbers\r;\r');
    await terminal.waitFor('│ how_many │ semi │');
    await terminal.waitFor('│     2000 │ ;    │');
    await terminal.waitFor(/1 row in [\d.]+ m?s/);
    type('.tables\r');
    await terminal.waitFor('│ numbers │');
    type('.schema numbers\r');
    await terminal.waitFor(/│ n +│ BIGINT/);
    type('.explain SELECT n FROM numbers WHERE n > 7\r');
    await terminal.waitFor('filter (none): n > 7');
    type('.format csv\r.timer off\rSELECT 6 * 7 AS answer;\r');
    await terminal.waitFor(/answer\s+42\s/);
    type('.help\r');
    await terminal.waitFor('.quit');
    await terminal.waitFor(PROMPT);
    type('.quit\r');
    expect(await terminal.ended).toBe(0);
    const afterTimer = terminal.stdout().slice(terminal.stdout().search(/answer\s+42/));
    expect(afterTimer).not.toMatch(/row in/);
  });

  it('shows an error and stays; Ctrl-D leaves', async () => {
    const terminal = await openPrompt();
    terminal.child.stdin.write('SELECT * FROM numbrs;\r');
    await terminal.waitFor('Did you mean numbers?');
    await terminal.waitFor('code: unknown_table');
    terminal.child.stdin.write('.timr\r');
    await terminal.waitFor('did you mean .timer?');
    await terminal.waitFor(PROMPT);
    terminal.child.stdin.write(CTRL_D);
    expect(await terminal.ended).toBe(0);
  });

  it('reads a configuration again that has changed', async () => {
    const before = readFileSync(config, 'utf8');
    const terminal = await openPrompt();
    const type = (text: string) => terminal.child.stdin.write(text);
    try {
      type('.reload\r');
      await terminal.waitFor('nothing has changed');
      host.write('millrace.yaml', `${before}  - from: counter:3\n    name: more\n`);
      type('.reload\r');
      await terminal.waitFor('added more');
      type('SELECT count(*) + 1 AS answer FROM more;\r');
      await terminal.waitFor(/│ +3001 │/);
      type(CTRL_D);
      expect(await terminal.ended).toBe(0);
    } finally {
      host.write('millrace.yaml', before);
    }
  });

  it('cancels the running query at Ctrl-C, drops what is typed, and gives a hint when there is neither', async () => {
    const terminal = await openPrompt();
    const type = (text: string) => terminal.child.stdin.write(text);
    type('SELECT count(*) AS never FROM range(1000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 3;\r');
    await terminal.waitFor('% 7 = 3;');
    // A line is shown before its statement runs; until then, Ctrl-C ends nothing.
    const again = setInterval(() => type(CTRL_C), 2_000);
    type(CTRL_C);
    await terminal.waitFor('cancelled').finally(() => clearInterval(again));
    await terminal.waitFor(PROMPT);
    type('SELECT 1,\r');
    await terminal.waitFor('...> ');
    type(CTRL_C);
    await terminal.waitFor(PROMPT);
    type(CTRL_C);
    await terminal.waitFor('Ctrl-D or .quit leaves');
    type('SELECT 40 + 2 AS answer;\r');
    await terminal.waitFor(/│ +42 │/);
    type(CTRL_D);
    expect(await terminal.ended).toBe(0);
  });

  it('brings back whole statements from the history, also of an earlier session', async () => {
    const first = await openPrompt();
    first.child.stdin.write("SELECT 'recalled' ||\r '-text' AS t -- ;\r;\r");
    await first.waitFor('│ recalled-text │');
    await first.waitFor(PROMPT);
    first.child.stdin.write(CTRL_D);
    await first.ended;
    expect(JSON.parse(readFileSync(history, 'utf8').trimEnd().split('\n').at(-1)!)).toBe(
      "SELECT 'recalled' ||\n '-text' AS t -- ;\n;",
    );
    const second = await openPrompt();
    second.child.stdin.write(UP);
    await second.waitFor("'recalled'");
    second.child.stdin.write('\r');
    await second.waitFor('│ recalled-text │');
    second.child.stdin.write(CTRL_D);
    expect(await second.ended).toBe(0);
  });

  it('asks what a new configuration should say, and writes nothing when the user gives up', async () => {
    const file = join(host.folder, 'new/millrace.yaml');
    host.write('new/a.csv', 'x\n1\n');
    host.write('new/b.csv', 'x\n1\n');
    const refused = startOnTerminal('init', '-c', file);
    await listening(refused);
    refused.child.stdin.write(CTRL_C);
    expect(await refused.ended).toBe(1);
    expect(existsSync(file)).toBe(false);
    const answered = startOnTerminal('init', '-c', file);
    await listening(answered);
    answered.child.stdin.write(' \r');
    expect(await answered.ended).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('version: v1\nname: new\n\ndatasets:\n  - from: file:b.csv\n    name: b\n');
  });
});
