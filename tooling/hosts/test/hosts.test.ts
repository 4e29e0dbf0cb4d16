import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Host, INSTALL_TIMEOUT_MS, installHost } from '../src/host.ts';
import { openPackageSource, type PackageSource } from '../src/open-package-source.ts';
import { npm, pnpm, yarnPlugAndPlay } from '../src/package-manager.ts';
import { SHOP_DEPENDENCIES, SHOP_ROWS, shopFiles, writeOrders } from '../src/shop-host.ts';
import { findUpstreamRegistry } from '../src/upstream-registry.ts';

const upstream = await findUpstreamRegistry();
const reason = upstream.kind === 'unreachable' ? ` (skipped: ${upstream.reason})` : '';

describe.skipIf(upstream.kind === 'unreachable')(
  `hosts that install from a registry${reason}`,
  { timeout: 600_000 },
  () => {
    let source: PackageSource;
    beforeAll(async () => {
      source = await openPackageSource({ upstream });
    }, INSTALL_TIMEOUT_MS);
    afterAll(() => source?.close());

    describe.each([npm, pnpm, yarnPlugAndPlay])('$name', (manager) => {
      let host: Host;
      beforeAll(async () => {
        host = await installHost({
          manager,
          env: source.env,
          dependencies: SHOP_DEPENDENCIES,
          files: shopFiles(),
        });
        await writeOrders(host.folder.root);
      }, INSTALL_TIMEOUT_MS);
      afterAll(() => host?.folder.close());

      test('the command finds the plugins', async () => {
        const { exitCode, stdout, stderr } = await host.millrace('plugins');
        expect([exitCode, stdout + stderr]).toEqual([0, expect.stringContaining('millrace-connector-countries')]);
        for (const name of ['@millrace/connector-file', '@millrace/accelerator-arrow', '@millrace/accelerator-duckdb'])
          expect(stdout).toContain(name);
      });

      test('the command joins files, local copies and the table of a plugin from elsewhere', async () => {
        const { exitCode, stdout, stderr } = await host.millrace('sql', shopFiles()['sales.sql']!, '--format', 'json');
        expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('error')]);
        expect(JSON.parse(stdout)).toEqual(withoutMarks(SHOP_ROWS.sales));
      });

      test('code gets the same rows from the library', async () => {
        expect(JSON.parse(await host.script('main.mjs'))).toEqual(SHOP_ROWS);
      });

      test('so do worker threads, beside one another and the main thread', async () => {
        const answers = JSON.parse(await host.script('threads.mjs')) as readonly string[];
        expect(answers.map((answer) => JSON.parse(answer) as unknown)).toEqual([SHOP_ROWS, SHOP_ROWS, SHOP_ROWS]);
      });
    });
  },
);

/** The form of the command: 64-bit integers are texts. */
function withoutMarks(rows: readonly object[]): unknown {
  return JSON.parse(JSON.stringify(rows).replace(/"(-?\d+)n"/g, '"$1"'));
}
