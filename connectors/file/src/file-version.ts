import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** A file as it stood at one moment. */
export interface FileVersion {
  /** Absolute. */
  readonly path: string;
  readonly byteCount: number;
  /** Differs once the file was written to or replaced: size, time of the last write and inode. */
  readonly version: string;
}

export function toFileVersion(path: string, stats: BigIntStats): FileVersion {
  return { path, byteCount: Number(stats.size), version: `${stats.size}:${stats.mtimeNs}:${stats.ino}` };
}

/** Tells whether the file is still the one that was looked at; false as well when it is gone. */
export async function isUnchanged({ path, version }: Pick<FileVersion, 'path' | 'version'>): Promise<boolean> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  return stats !== undefined && toFileVersion(path, stats).version === version;
}
