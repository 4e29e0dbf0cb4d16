import { realpathSync } from 'node:fs';
import type { MemoryBudget } from '@millrace/core';
import { DatabaseFile } from './database-file.ts';

interface Shared {
  readonly file: DatabaseFile;
  holderCount: number;
}

/** Files by their real path: one file has one owner in a process, however many connectors read it. */
const files = new Map<string, Shared>();

/** A connector's hold on a file. */
export interface FileHold {
  readonly file: DatabaseFile;
  /** Gives the file up; the last holder closes it. Idempotent. */
  release(): Promise<void>;
}

/** How a connector wants to use a file. */
export interface FileUse {
  /** How long it stays open without users. */
  readonly idleMs: number;
  /** Where its memory comes from; that of the connector that came first counts. */
  readonly memory: MemoryBudget | undefined;
}

/** Shares the file behind a path with every connector of this process. */
export function holdFile(path: string, { idleMs, memory }: FileUse): FileHold {
  const realPath = resolveFile(path);
  const shared = files.get(realPath) ?? { file: new DatabaseFile(realPath, memory), holderCount: 0 };
  files.set(realPath, shared);
  shared.holderCount++;
  shared.file.idleMs = Math.max(shared.file.idleMs, idleMs);
  let released: Promise<void> | undefined;
  return {
    file: shared.file,
    release: () => {
      released ??= giveUp(realPath, shared);
      return released;
    },
  };
}

async function giveUp(realPath: string, shared: Shared): Promise<void> {
  if (--shared.holderCount > 0) return;
  files.delete(realPath);
  await shared.file.close();
}

/** A file that is not there yet has no real path; it is looked for again when it is read. */
function resolveFile(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
