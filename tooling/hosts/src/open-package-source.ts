import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { hostEnvironment } from './host-environment.ts';
import { createHostFolder } from './host-folder.ts';
import { openRegistry } from './loopback-registry.ts';
import { packRepository, packWithNpm } from './pack-packages.ts';
import { FIXTURES } from './repository.ts';
import type { UpstreamRegistry } from './upstream-registry.ts';

/** The packages of this repository, installable by name. */
export interface PackageSource extends AsyncDisposable {
  /** The environment in which every package manager installs from here. */
  readonly env: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

/** What {@link openPackageSource} offers beside our own packages. */
export interface PackageSourceRequest {
  readonly upstream: UpstreamRegistry;
  /** Further packages, each with its files by relative path. */
  readonly packages?: readonly Readonly<Record<string, string | object>>[];
}

/** Packs our packages, the connector in `fixtures` and the given ones, and serves them from a registry on loopback. */
export async function openPackageSource({ upstream, packages = [] }: PackageSourceRequest): Promise<PackageSource> {
  if (upstream.kind === 'unreachable') throw new Error(upstream.reason);
  using folder = createHostFolder();
  const targets = ['own', 'foreign'].map((name) => path.join(folder.root, name));
  for (const target of targets) mkdirSync(target);
  const sources = packages.map((files, index) => {
    for (const [file, content] of Object.entries(files)) folder.write(`sources/${index}/${file}`, content);
    return path.join(folder.root, `sources/${index}`);
  });
  const [own, foreign] = await Promise.all([
    packRepository(targets[0]!),
    packWithNpm([path.join(FIXTURES, 'millrace-connector-countries'), ...sources], targets[1]!),
  ]);
  const registry = await openRegistry({ tarballs: [...own, ...foreign], upstream: upstream.url });
  const close = () => registry.close();
  return { env: hostEnvironment(registry.url, upstream), close, [Symbol.asyncDispose]: close };
}
