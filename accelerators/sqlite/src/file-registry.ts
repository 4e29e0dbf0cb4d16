import { mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createProcessFolder } from '@millrace/acceleration';
import { MillraceError } from '@millrace/core';
import { removeFile } from './drop-table.ts';
import { SqliteFile } from './sqlite-file.ts';

/** A database in use; it is closed when its last user gives it back. */
export interface FileLease {
  readonly file: SqliteFile;
  /** Idempotent. */
  release(): Promise<void>;
  /** Gives it back as {@link release} does, and removes it where nobody else has it, before anybody opens it again. */
  remove(): Promise<void>;
}

interface SharedFile {
  readonly opened: Promise<SqliteFile>;
  userCount: number;
  /** Set once the last user has given it back. */
  closing?: Promise<void>;
}

/** The databases of this copy of the package, by real path. */
const files = new Map<string, SharedFile>();

/** The owner of each database among all copies of the package in this process: locks of files are the process's as a whole. */
const OWNERS: unique symbol = Symbol.for('millrace.accelerator-sqlite.owners');
const shared = globalThis as { [OWNERS]?: Map<string, object> };
shared[OWNERS] ??= new Map();
const owners: Map<string, object> = shared[OWNERS];
const self: object = {};

/**
 * Opens a database; datasets that name the same file share it.
 * @throws MillraceError `conflict` when it is open elsewhere, `invalid_data` when it is no usable database, `already_exists`, `io`.
 */
export async function acquireFile(path: string, component: string): Promise<FileLease> {
  const real = await resolveFile(path, component);
  let found = files.get(real);
  while (found?.closing !== undefined) {
    await found.closing.catch(() => undefined);
    found = files.get(real);
  }
  if (found === undefined) {
    if ((owners.get(real) ?? self) !== self) throw ownedElsewhere(real, component);
    owners.set(real, self);
    found = { opened: SqliteFile.open({ path: real, lifetime: 'permanent', component }), userCount: 0 };
    files.set(real, found);
  }
  const entry = found;
  const forget = (): void => {
    if (files.get(real) !== entry) return;
    files.delete(real);
    owners.delete(real);
  };
  entry.userCount += 1;
  try {
    const file = await entry.opened;
    const giveBack = async (what: 'keep' | 'remove'): Promise<void> => {
      entry.userCount -= 1;
      if (entry.userCount > 0) return;
      const closed = file.close();
      entry.closing = (what === 'keep' ? closed : closed.then(() => removeFile(real))).finally(forget);
      await entry.closing;
    };
    let released: Promise<void> | undefined;
    return {
      file,
      release: () => {
        released ??= giveBack('keep');
        return released;
      },
      remove: () => {
        released ??= giveBack('remove');
        return released;
      },
    };
  } catch (error) {
    forget();
    throw error;
  }
}

/** Creates a database for one dataset that is gone with the process. */
export async function createPrivateFile(component: string): Promise<FileLease> {
  const folder = await createProcessFolder('rows');
  try {
    const file = await SqliteFile.open({ path: join(folder.path, 'rows.sqlite'), lifetime: 'process', component });
    let released: Promise<void> | undefined;
    const release = (): Promise<void> => {
      released ??= file.close().finally(() => folder.remove());
      return released;
    };
    return { file, release, remove: release };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

/** The real path, so that two spellings of one file share it; makes the folder. */
async function resolveFile(path: string, component: string): Promise<string> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const target = join(await realpath(dirname(path)), basename(path));
    return await realpath(target).catch(() => target);
  } catch (error) {
    throw new MillraceError({
      code: 'io',
      component,
      connector: 'sqlite',
      message: `the folder of ${path} cannot be made or read (${(error as NodeJS.ErrnoException).code ?? 'unknown cause'})`,
      hint: 'Check the path, and that its folder may be written to',
      cause: error,
    });
  }
}

function ownedElsewhere(path: string, component: string): MillraceError {
  return new MillraceError({
    code: 'conflict',
    component,
    connector: 'sqlite',
    message: `the file ${path} is in use by another copy of this package in this process`,
    hint: 'Close it there, or name another file with sqlite_file',
    retryable: true,
  });
}
