import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'registry/index': 'src/registry/index.ts',
    'plugin-manifest/main': 'src/plugin-manifest/main.ts',
  },
  format: 'esm',
  target: 'node20',
  // Consumers may compile without the disposable library; the contracts name AsyncDisposable.
  dts: { banner: '/// <reference lib="esnext.disposable" />' },
  sourcemap: true,
  clean: true,
});
