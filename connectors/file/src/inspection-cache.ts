import type { FileVersion } from './file-version.ts';

/** How many files are looked at at the same time. */
const MAX_CONCURRENT = 4;

/** Looks at files; the answers are in their order. */
export type InspectFiles<Inspection> = (
  files: readonly FileVersion[],
  signal: AbortSignal,
) => Promise<readonly Inspection[]>;

/** Remembers what was found out about files, until they change or are no longer asked for. */
export function createInspectionCache<Inspection>(inspectFiles: InspectFiles<Inspection>): InspectFiles<Inspection> {
  let known: ReadonlyMap<string, { readonly version: string; readonly inspection: Inspection }> = new Map();
  return async (files, signal) => {
    const recalled = (file: FileVersion) => {
      const found = known.get(file.path);
      return found?.version === file.version ? found : undefined;
    };
    const next = new Map(
      files.flatMap((file) => {
        const found = recalled(file);
        return found === undefined ? [] : [[file.path, found] as const];
      }),
    );
    const unknown = files.filter(({ path }) => !next.has(path));
    if (unknown.length > 0) {
      const found = await inspectFiles(unknown, signal);
      for (const [index, { path, version }] of unknown.entries())
        next.set(path, { version, inspection: found[index]! });
    }
    known = next;
    return files.map(({ path }) => next.get(path)!.inspection);
  };
}

/** Looks at several files at the same time, each by itself. The first failure is thrown once nothing is under way any more. */
export function inspectEach<Inspection>(
  inspectFile: (file: FileVersion, signal: AbortSignal) => Promise<Inspection>,
): InspectFiles<Inspection> {
  return async (files, signal) => {
    const found: Inspection[] = [];
    const waiting = files.map((file, index) => ({ file, index }));
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        found[next.index] = await inspectFile(next.file, signal);
    };
    const settled = await Promise.allSettled(Array.from({ length: MAX_CONCURRENT }, work));
    const failed = settled.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    return found;
  };
}
