import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder below the system's folder for temporary files, for what goes with the process. */
export interface ProcessFolder extends AsyncDisposable {
  /** Absolute. */
  readonly path: string;
  /** Removes it with all that is in it. Idempotent. */
  remove(): Promise<void>;
}

/** Machines and containers may share a folder of temporary files; only their own processes can be asked for. */
const HOST = hostname().replace(/[^\w.]/g, '_');

const folders = new Set<string>();
let swept: Promise<void> | undefined;

/**
 * Makes a folder that is removed by its {@link ProcessFolder.remove}, at the end of the process, or, where that was killed, by the next one that
 * makes such a folder.
 *
 * @param purpose lower-case letters, for whoever looks into the system's folder.
 * @throws Error of Node's where the system's folder cannot be written.
 */
export async function createProcessFolder(purpose: string): Promise<ProcessFolder> {
  swept ??= removeAbandonedFolders();
  await swept;
  const path = await mkdtemp(join(tmpdir(), processFolderPrefix(purpose, process.pid)));
  if (folders.size === 0) process.once('exit', removeAll);
  folders.add(path);
  const remove = async (): Promise<void> => {
    await rm(path, { recursive: true, force: true });
    folders.delete(path);
    if (folders.size === 0) process.off('exit', removeAll);
  };
  return { path, remove, [Symbol.asyncDispose]: remove };
}

/** How the names of a process's folders begin. */
export function processFolderPrefix(purpose: string, pid: number): string {
  return `millrace-${purpose}-${HOST}-${pid}-`;
}

/** Removes what processes of this machine left that are gone. What belongs to another user stays. */
export async function removeAbandonedFolders(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    const [, purpose = '', pid] = /^millrace-([a-z]+)-.*-(\d+)-[^-]+$/.exec(name) ?? [];
    if (pid === undefined || !name.startsWith(processFolderPrefix(purpose, Number(pid))) || isRunning(Number(pid)))
      continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
