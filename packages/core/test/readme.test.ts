import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkPlan, type Parameters, type PluginContext } from '../src/index.ts';
import { discoverPlugins } from '../src/registry/index.ts';
import { createHostFolder, type HostFolder } from './host-folder.ts';
import { installCore } from './installed-core.ts';

let host: HostFolder;
beforeAll(() => {
  host = createHostFolder();
});
afterAll(() => host.close());

function codeBlock(language: string): string {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const block = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme);
  return block![1]!;
}

test('the plugin of the README is built by its script, discovered, loaded and read', async () => {
  const folder = 'node_modules/connector-numbers';
  host.write('package.json', { dependencies: { 'connector-numbers': '*' } });
  const core = installCore(host.root);
  host.write(`${folder}/index.js`, codeBlock('js'));
  host.write(`${folder}/package.json`, codeBlock('json'));
  const command = path.join(core, 'bin/millrace-plugin-manifest.js');
  execFileSync(process.execPath, [command], { cwd: path.join(host.root, folder), stdio: 'pipe' });

  const registry = discoverPlugins({ hostRoot: host.root });
  expect(registry.diagnostics.map(({ code }) => code)).toEqual(['host_read']);
  const entry = registry.find('connector', 'numbers')!;
  expect(await entry.parameters()).toEqual([]);
  const plugin = await entry.load();
  const connector = await plugin.create({} as Parameters, {} as PluginContext);
  const context = { signal: new AbortController().signal };
  const table = await connector.readProvider({ name: 'n', path: '', parameters: {} as Parameters }, context);
  const request = { projection: [0], filters: [] };
  const plan = await table.scan(request, context);
  checkPlan(request, plan);
  const values: number[] = [];
  const { execute, partitions } = plan;
  for await (const batch of execute(partitions[0]!, context)) {
    expect(batch).toMatchObject({ numRows: 3, schema: plan.schema });
    values.push(...(batch.data.children[0]!.values as Int32Array));
  }
  expect(values).toEqual([1, 2, 3]);
  await connector.close();
});

test('the command fails with the reasons, and with exit code 1', () => {
  const core = installCore(host.root);
  host.write('broken/package.json', { name: 'broken' });
  const command = path.join(core, 'bin/millrace-plugin-manifest.js');
  const run = () => execFileSync(process.execPath, [command, 'broken'], { cwd: host.root, stdio: 'pipe' });
  expect(run).toThrow(expect.objectContaining({ status: 1 }));
  expect(run).toThrow(/"millrace" in package.json must be an object/);
});
