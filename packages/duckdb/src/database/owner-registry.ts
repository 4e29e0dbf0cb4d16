import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MillraceError } from '@millrace/core';
import { isOpenForWriting } from './open-elsewhere.ts';

const REGISTRY: symbol = Symbol.for('millrace.duckdb.owners');

/** Who has which file open, by real path. On the global object, so that two copies of this package share it. */
type Owners = Map<string, string>;

/** The claim to one file. */
export interface FileClaim {
  readonly realPath: string;
  /** Gives the file up. Idempotent. */
  release(): void;
}

/**
 * Claims a database file for one instance.
 *
 * Two instances of one file in one process diverge without a word: each sees its own rows only, and the file's lock, which belongs to the
 * process, keeps neither out.
 *
 * @throws MillraceError `conflict` when the file is claimed already, under whatever path or link.
 */
export function claimFile(path: string, component: string): FileClaim {
  const realPath = resolveFile(path);
  const owners = registry();
  const owner =
    owners.get(realPath) ??
    ownerOfSameFile(owners, realPath) ??
    (isOpenForWriting(realPath) ? 'another thread of this process' : undefined);
  if (owner !== undefined) {
    throw new MillraceError({
      code: 'conflict',
      component,
      message: `${owner} has ${path} open already`,
      hint: 'One file has one owner in a process; share the database, or give each its own file',
    });
  }
  owners.set(realPath, component);
  let isHeld = true;
  return {
    realPath,
    release() {
      if (isHeld) {
        isHeld = false;
        owners.delete(realPath);
      }
    },
  };
}

function registry(): Owners {
  const holder = globalThis as unknown as Record<symbol, Owners | undefined>;
  const owners = holder[REGISTRY] ?? new Map<string, string>();
  holder[REGISTRY] = owners;
  return owners;
}

/** A hard link is another real path of the same file. */
function ownerOfSameFile(owners: Owners, path: string): string | undefined {
  const identity = fileIdentity(path);
  const found = identity === undefined ? undefined : [...owners].find(([owned]) => fileIdentity(owned) === identity);
  return found?.[1];
}

/** Device and inode; undefined for a file that is not there or cannot be looked at. */
function fileIdentity(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/** The real path also of a file that is not there yet, whose folder is. */
function resolveFile(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return join(realFolder(dirname(path)), basename(path));
  }
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    // Opening the file will fail and say why.
    return folder;
  }
}
