import { readdirSync, readFileSync, statSync } from 'node:fs';

const DESCRIPTORS = '/proc/self/fd';
/** The access mode in a descriptor's flags; 0 is read-only. */
const ACCESS_MODE = 0o3;

/**
 * Tells whether this process has the file open for writing already, in whatever thread.
 *
 * Worker threads share neither `globalThis` nor a lock that belongs to the process; what they share is the table of open files,
 * which Linux shows. Elsewhere the answer is always false.
 */
export function isOpenForWriting(path: string): boolean {
  let target: { readonly dev: number; readonly ino: number };
  let descriptors: readonly string[];
  try {
    target = statSync(path);
    descriptors = readdirSync(DESCRIPTORS);
  } catch {
    return false; // No such file yet, or no such table.
  }
  return descriptors.some((descriptor) => {
    try {
      const { dev, ino } = statSync(`${DESCRIPTORS}/${descriptor}`);
      if (dev !== target.dev || ino !== target.ino) return false;
      const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1] ?? '0';
      return (Number.parseInt(flags, 8) & ACCESS_MODE) !== 0;
    } catch {
      return false; // Closed in the meantime.
    }
  });
}
