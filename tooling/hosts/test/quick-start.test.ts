import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { INSTALL_TIMEOUT_MS } from '../src/host.ts';
import { createHostFolder, type HostFolder } from '../src/host-folder.ts';
import { openPackageSource, type PackageSource } from '../src/open-package-source.ts';
import { type QuickStartBlock, readQuickStart } from '../src/quick-start.ts';
import { runSuccessfully } from '../src/run-command.ts';
import { findUpstreamRegistry } from '../src/upstream-registry.ts';

const upstream = await findUpstreamRegistry();
const reason = upstream.kind === 'unreachable' ? ` (skipped: ${upstream.reason})` : '';
const blocks = readQuickStart();

test('the configuration of the quick start has ten lines', () => {
  const [yaml] = blocks.filter(({ language }) => language === 'yaml');
  expect(yaml?.text.trimEnd().split('\n').length).toBe(10);
});

describe.skipIf(upstream.kind === 'unreachable')(
  `the README's quick start, followed as written${reason}`,
  { timeout: 600_000 },
  () => {
    let source: PackageSource;
    let folder: HostFolder;
    let printed: readonly { readonly block: QuickStartBlock; readonly output: string }[];
    beforeAll(async () => {
      source = await openPackageSource({ upstream });
      folder = createHostFolder();
      const outputs: { block: QuickStartBlock; output: string }[] = [];
      for (const block of blocks) outputs.push({ block, output: await follow(block) });
      printed = outputs;
    }, INSTALL_TIMEOUT_MS);
    afterAll(async () => {
      folder?.close();
      await source?.close();
    });

    function follow({ language, text }: QuickStartBlock): Promise<string> {
      const { root: cwd } = folder;
      const run = (command: readonly string[]) =>
        runSuccessfully({ command, cwd, env: source.env, timeoutMs: INSTALL_TIMEOUT_MS });
      switch (language) {
        case 'sh':
          return run(['bash', '-euo', 'pipefail', '-c', text]);
        case 'sql':
          return run(['npx', '--no-install', 'millrace', 'sql', text]);
        case 'yaml':
          folder.write('millrace.yaml', text);
          return Promise.resolve('');
        case 'js':
          folder.write('quick-start.mjs', text);
          return run([process.execPath, 'quick-start.mjs']);
        default:
          throw language satisfies never;
      }
    }

    test('the command answers', () => {
      const answers = printed.filter(
        ({ block }) => /millrace sql|^select/m.test(block.text) && block.language !== 'js',
      );
      expect(answers.length).toBeGreaterThan(0);
      const rows = answers[0]!.output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown);
      expect(rows).toEqual([
        { name: 'Grace', total: 99 },
        { name: 'Ada', total: 14.75 },
      ]);
    });

    test('so does the code', () => {
      const [code] = printed.filter(({ block }) => block.language === 'js');
      expect(code?.output.trim().split('\n')).toEqual(['2', '[ { orders: 3n } ]']);
    });
  },
);
