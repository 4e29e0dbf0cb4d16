import { inspect } from 'node:util';
import { isMillraceError } from '@millrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import { readYaml } from '../../src/config/read-yaml.ts';
import { SecretRedactor } from '../../src/secrets/secret-redactor.ts';

const numRuns = process.env.MILLRACE_TEST_FULL ? 20_000 : 500;
const CANARY = 'canary7f3a91';

const WORDS = [
  'version: v1\n',
  'datasets:\n',
  '  - from: memory\n',
  '    name: t\n',
  '    params:\n',
  `      pass: ${CANARY}\n`,
  `      p: "${CANARY}"\n`,
  '    acceleration: { mode: file }\n',
  'views: [{ name: v, sql: SELECT 1 }]\n',
  '&a ',
  '*a',
  '<<: ',
  '!tag ',
  '- ',
  ': ',
  '? ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '|\n',
  '\t',
  '\n',
  '---\n',
  '#',
  '@',
  '%',
  CANARY,
];

/** Runs and says whether it failed as it should: with an error of ours that shows no value. */
async function failsCleanly(run: () => unknown): Promise<boolean> {
  try {
    await run();
    return false;
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    expect(error.message).not.toBe('');
    return true;
  }
}

describe('whatever the configuration is', () => {
  it('YAML is read or refused with an error of ours that repeats no value', async () => {
    let refusedCount = 0;
    const text = fc.array(fc.constantFrom(...WORDS), { maxLength: 14 }).map((words) => words.join(''));
    await fc.assert(
      fc.asyncProperty(text, async (source) => {
        try {
          readYaml({ text: source, file: 'millrace.yaml' });
        } catch (error) {
          if (!isMillraceError(error)) throw error;
          refusedCount++;
          expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(CANARY);
          const { line, column } = error.location ?? { line: 1, column: 1 };
          expect(Math.min(line, column)).toBeGreaterThan(0);
        }
      }),
      { numRuns },
    );
    expect(refusedCount).toBeGreaterThan(numRuns / 10);
    expect(refusedCount).toBeLessThan(numRuns);
  });

  it('an object is taken or refused with an error of ours', async () => {
    const leaf = fc.constantFrom(
      undefined,
      null,
      true,
      0,
      Number.NaN,
      1n,
      '',
      'x',
      'memory',
      'a.b',
      '1m',
      'file',
      new Date(0),
    );
    const { node } = fc.letrec((tie) => ({
      node: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('node'), { maxLength: 3 }), tie('map')),
      map: fc.dictionary(
        fc.constantFrom(
          ...['version', 'name', 'datasets', 'views', 'from', 'params', 'columns', 'type', 'acceleration', 'mode'],
          ...['refresh_check_interval', 'sql', 'sql_ref', 'ref', '__proto__', 'constructor', 'x'],
        ),
        tie('node'),
        { maxKeys: 5 },
      ),
    }));
    let refusedCount = 0;
    await fc.assert(
      fc.asyncProperty(node, async (config) => {
        if (await failsCleanly(() => loadConfig({ config: config as object }, { environment: {} }))) refusedCount++;
      }),
      { numRuns },
    );
    expect(refusedCount).toBeGreaterThan(numRuns / 10);
  });
});

it('the redactor leaves no secret of 8 characters or more, wherever it stands', () => {
  const secret = fc.string({ minLength: 8, maxLength: 20, unit: 'binary' });
  fc.assert(
    fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
      // A secret that the mask itself completes (`***` and its surroundings) is no leak.
      fc.pre(!value.includes('*'));
      const redactor = new SecretRedactor();
      redactor.add(value);
      expect(redactor.redact(`${before}${value}${after}`)).not.toContain(value);
      expect(redactor.redact(JSON.stringify({ value }))).not.toContain(JSON.stringify(value).slice(1, -1));
    }),
    { numRuns },
  );
});
