import { defineConfig } from 'tsup';

/**
 * Consumers may compile with ES2022 alone: without the disposable library (the contracts name AsyncDisposable), and without
 * DOM or Node types (they name AbortSignal, whose declaration merges with the platform's where there is one).
 */
const PLATFORM_TYPES = `/// <reference lib="esnext.disposable" />
declare global {
  interface AbortSignal {
    readonly aborted: boolean;
    throwIfAborted(): void;
  }
}
`;

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'registry/index': 'src/registry/index.ts',
    'plugin-manifest/main': 'src/plugin-manifest/main.ts',
  },
  format: 'esm',
  target: 'node20',
  dts: { banner: PLATFORM_TYPES },
  sourcemap: true,
  clean: true,
});
