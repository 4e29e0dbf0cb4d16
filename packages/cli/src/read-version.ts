import { readFileSync } from 'node:fs';

/** The version in this package's package.json, which stands one folder above both the sources and the build. */
export function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return (manifest as { readonly version: string }).version;
}
