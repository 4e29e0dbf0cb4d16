import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A temporary folder outside the repository. */
export interface HostFolder extends Disposable {
  /** Absolute, without links. */
  readonly root: string;
  /** Writes a file, with the folders above it; objects as JSON. Gives its absolute path. */
  write(relative: string, content: string | object): string;
  /** Removes the folder. */
  close(): void;
}

/** Makes an empty folder of a host application. */
export function createHostFolder(): HostFolder {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'millrace-host-')));
  const close = () => rmSync(root, { recursive: true, force: true });
  return {
    root,
    write(relative, content) {
      const file = path.join(root, relative);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
      return file;
    },
    close,
    [Symbol.dispose]: close,
  };
}
