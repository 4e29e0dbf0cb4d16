import { defineConfig } from 'vitest/config';

export default defineConfig({
  // `resolve.conditions` alone is ignored by vitest's server-side resolver, and tests would then run on a stale dist;
  // tooling/repo-rules proves that an error thrown in core has a stack that points into src. Without vite's `module`, which Node does
  // not know: Node is told these conditions as well, and some packages have files for bundlers alone behind it.
  ssr: { resolve: { conditions: ['millrace-source', 'node', 'development|production'] } },
  test: {
    include: ['{packages,connectors,accelerators,tooling,examples}/*/{src,test}/**/*.test.ts'],
    pool: 'forks',
    setupFiles: ['tooling/test-fixtures/src/fixed-seed.ts'],
    globalSetup: ['tooling/services/src/global-setup.ts'],
    // Limits against hanging, and no measures: a machine that others share stops a process for seconds, again and again.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    typecheck: { enabled: false },
  },
});
