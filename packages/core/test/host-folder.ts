import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A temporary host application, laid out by hand. Removed by `close`. */
export interface HostFolder {
  /** Absolute, without links. */
  readonly root: string;
  /** Writes a file; objects as JSON. */
  write(relative: string, content: string | object): string;
  close(): void;
}

/** Makes an empty temporary folder for a host. */
export function createHostFolder(): HostFolder {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'millrace-host-')));
  return {
    root,
    write(relative, content) {
      const file = path.join(root, relative);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
      return file;
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A module that exports a connector without importing core: what counts is the brand. */
export function connectorModule(id: string, changes = ''): string {
  return `globalThis.millraceTestImports = (globalThis.millraceTestImports ?? 0) + 1;
export default {
  [Symbol.for('millrace.plugin')]: 1, kind: 'connector', id: '${id}', prefix: '${id}', parameters: [], create() {}, ${changes}
};
`;
}

/** A manifest of one connector. */
export function connectorManifest(id: string, changes: object = {}): object {
  return {
    manifestVersion: 1,
    apiVersion: 1,
    connectors: [{ id, entry: './index.js', parameters: './parameters.json', ...changes }],
  };
}

/** A generated file of parameters for one connector. */
export function parameterFile(id: string, parameters: readonly object[] = []): object {
  return { parametersVersion: 1, plugins: [{ kind: 'connector', id, prefix: id, parameters }] };
}
