import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Why this process cannot limit its files; undefined where it can. */
export const missingFileLimit: string | undefined = (() => {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'prlimit is not there';
  }
})();

/** Runs work while no file that this process writes may grow beyond so many bytes, as on a full disk. */
export async function withFileLimit<T>(bytes: number, work: () => Promise<T>): Promise<T> {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const [, soft = 'unlimited', hard = 'unlimited'] = /^Max file size\s+(\S+)\s+(\S+)/m.exec(limits) ?? [];
  const set = (limit: string) => execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${limit}:${hard}`]);
  set(String(bytes));
  try {
    return await work();
  } finally {
    set(soft);
  }
}
