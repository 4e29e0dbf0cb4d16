// Runs the worker from its TypeScript source, in tests and tools of this repository: no loader of the main thread reaches a worker on
// Node.js 20, and one of its own would cost each worker more than its work. So it is bundled once for each state of the sources.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('./', import.meta.url);
const hash = createHash('sha256');
for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(new URL(name, folder)));
const bundle = new URL(`../../node_modules/.cache/sqlite-worker-${hash.digest('hex').slice(0, 16)}.mjs`, folder);
if (!existsSync(bundle)) {
  const { buildSync } = await import('esbuild');
  const outfile = `${fileURLToPath(bundle)}.${process.pid}.${performance.now()}`;
  buildSync({
    entryPoints: [fileURLToPath(new URL('sqlite-worker.ts', folder))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['better-sqlite3'],
    sourcemap: 'inline',
    outfile,
  });
  // Several workers may have made the same one.
  renameSync(outfile, bundle);
}
await import(bundle.href);
