import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Tarball } from './tarball.ts';

/** A package registry on a free loopback port. */
export interface LoopbackRegistry extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/** What {@link openRegistry} serves. */
export interface RegistryRequest {
  readonly tarballs: readonly Tarball[];
  /** Where clients are sent for all other packages; without a slash at the end. */
  readonly upstream: string;
}

/** What only this registry knows: absent ones do not exist, whatever stands under them in the registry outside. */
const OWN_NAME = /^(@millrace\/|millrace(-|$)|-\/tarballs\/)/;

/**
 * Opens a read-only registry that npm, pnpm and Yarn can install from. Packages from outside are redirected, so that the
 * clients fetch them with their own settings and caches.
 *
 * A tarball's address holds its checksum: Yarn caches by address, and would otherwise install an older build of a version.
 */
export async function openRegistry({ tarballs, upstream }: RegistryRequest): Promise<LoopbackRegistry> {
  const byName = groupByName(tarballs);
  const byChecksum = new Map(tarballs.map((tarball) => [tarball.shasum, tarball]));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://registry').pathname).slice(1);
    const tarball = byChecksum.get(/^-\/tarballs\/([0-9a-f]+)\//.exec(path)?.[1] ?? '');
    if (tarball !== undefined) return send(response, 'application/octet-stream', tarball.bytes);
    const versions = byName.get(path);
    if (versions !== undefined) return send(response, 'application/json', JSON.stringify(toPackument(versions, url)));
    if (OWN_NAME.test(path)) return void response.writeHead(404).end('{"error":"not found"}');
    response.writeHead(307, { location: `${upstream}${request.url}` }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url, close, [Symbol.asyncDispose]: close };
}

function groupByName(tarballs: readonly Tarball[]): Map<string, Tarball[]> {
  const groups = new Map<string, Tarball[]>();
  for (const tarball of tarballs) groups.set(tarball.name, [...(groups.get(tarball.name) ?? []), tarball]);
  return groups;
}

/** The document that a registry answers for a package. Source: https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md */
function toPackument(tarballs: readonly Tarball[], url: string): object {
  const latest = tarballs[tarballs.length - 1]!;
  const versions = tarballs.map(({ manifest, name, version, integrity, shasum }) => {
    const file = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
    const dist = { tarball: `${url}/-/tarballs/${shasum}/${file}`, integrity, shasum };
    return [version, { ...manifest, _id: `${name}@${version}`, dist }] as const;
  });
  return { name: latest.name, 'dist-tags': { latest: latest.version }, versions: Object.fromEntries(versions) };
}

function send(response: ServerResponse, type: string, body: string | Buffer): void {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}
