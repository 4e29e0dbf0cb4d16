import type { FileVersion } from './file-version.ts';

/** How many files are looked at at the same time. */
const MAX_CONCURRENT = 4;

/** Remembers what was found out about files, until they change or are no longer asked for. */
export interface InspectionCache<Inspection> {
  /** In the order of the files. The first failure is thrown once everything under way has settled. */
  inspect(files: readonly FileVersion[]): Promise<readonly Inspection[]>;
}

export function createInspectionCache<Inspection>(
  inspectFile: (file: FileVersion) => Promise<Inspection>,
): InspectionCache<Inspection> {
  let known: ReadonlyMap<string, { readonly version: string; readonly inspection: Inspection }> = new Map();
  return {
    async inspect(files) {
      const next = new Map<string, { readonly version: string; readonly inspection: Inspection }>();
      const waiting = files.filter(({ path, version }) => {
        const found = known.get(path);
        if (found?.version !== version) return true;
        next.set(path, found);
        return false;
      });
      const work = async (): Promise<void> => {
        for (let file = waiting.shift(); file !== undefined; file = waiting.shift())
          next.set(file.path, { version: file.version, inspection: await inspectFile(file) });
      };
      const settled = await Promise.allSettled(Array.from({ length: MAX_CONCURRENT }, work));
      known = next;
      const failed = settled.find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
      return files.map(({ path }) => next.get(path)!.inspection);
    },
  };
}
