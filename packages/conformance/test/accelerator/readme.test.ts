import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ACCELERATOR_CHECKS } from '../../src/index.ts';
import { closeAll, collected } from './collecting-runner.ts';
import './readme-example.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** The example's own imports, and what a reader of the README has in their place. */
const NAMES: readonly (readonly [string, string])[] = [
  ["'../../src/index.ts'", "'@millrace/conformance'"],
  ["'./kept-accelerator.ts'", "'../src/index.ts'"],
  ["'./collecting-runner.ts'", "'vitest'"],
  ["'./kept-package.json'", "'../package.json'"],
];

test('the example of the README is the one that is run here', () => {
  let example = read('./readme-example.ts');
  for (const [own, published] of NAMES) example = example.replace(own, published);
  const blocks = [...read('../../README.md').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
  const sorted = (code: string | undefined): string[] => (code ?? '').split('\n').sort();
  expect(sorted(blocks.find((code) => code?.includes('testAccelerator')))).toEqual(sorted(example));
});

test('it defines every check in both modes, and they run', async () => {
  expect(collected.size).toBe(2 * ACCELERATOR_CHECKS.length);
  for (const mode of ['memory', 'file'])
    for (const id of ['table/factory-describes-itself', 'refresh/replaces-all-rows', 'conflict/upsert']) {
      const { title } = ACCELERATOR_CHECKS.find((check) => check.id === id)!;
      const run = collected.get(`kept conforms in mode ${mode}: ${title} [${id}]`)!;
      await run({ skip: (reason) => expect.unreachable(reason) });
    }
  await closeAll();
});
