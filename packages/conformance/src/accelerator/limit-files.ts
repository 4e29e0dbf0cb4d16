import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Lets no file that this process writes grow beyond so many bytes, as a full disk does; the result lifts the limit. Undefined where the system
 * has no such limit, or it cannot be changed.
 *
 * Node.js ignores the signal that comes with it, so that a write fails with EFBIG. Source: https://man7.org/linux/man-pages/man2/prlimit.2.html
 */
export async function limitFiles(bytes: number): Promise<(() => Promise<void>) | undefined> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const [, soft, hard] = /^Max file size\s+(\S+)\s+(\S+)/m.exec(limits) ?? [];
  if (soft === undefined || hard === undefined) return undefined;
  const set = (limit: string) => run('prlimit', ['--pid', String(process.pid), `--fsize=${limit}:${hard}`]);
  try {
    await set(String(bytes));
  } catch {
    return undefined;
  }
  return async () => {
    await set(soft);
  };
}
