import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const BLOCK_BYTES = 512;

/** A packed package, as a registry holds it. */
export interface Tarball {
  readonly name: string;
  readonly version: string;
  /** The whole package.json of the package. */
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
  /** Subresource integrity, by which clients check and cache it. */
  readonly integrity: string;
  /** SHA-1 of the bytes, in hexadecimal. */
  readonly shasum: string;
}

/** Reads what `npm pack` or `pnpm pack` wrote. */
export function readTarball(file: string): Tarball {
  const bytes = readFileSync(file);
  const manifest = JSON.parse(readEntry(gunzipSync(bytes), 'package/package.json')) as Tarball['manifest'];
  return {
    name: String(manifest.name),
    version: String(manifest.version),
    manifest,
    bytes,
    integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
    shasum: createHash('sha1').update(bytes).digest('hex'),
  };
}

/** The text of one file of a tar archive. Layout: POSIX ustar, https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html */
function readEntry(archive: Buffer, wanted: string): string {
  for (let start = 0; start + BLOCK_BYTES <= archive.length; ) {
    const name = readText(archive.subarray(start, start + 100));
    const byteCount = Number.parseInt(readText(archive.subarray(start + 124, start + 136)), 8) || 0;
    const content = start + BLOCK_BYTES;
    if (name === wanted) return archive.toString('utf8', content, content + byteCount);
    start = content + Math.ceil(byteCount / BLOCK_BYTES) * BLOCK_BYTES;
  }
  throw new Error(`the archive has no ${wanted}`);
}

function readText(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end).trim();
}
