import { scanTable } from '../read/scan-table.ts';
import type { Accelerated, AcceleratorContext } from './accelerator-context.ts';

/** Rows whose texts name their version, and how many there are of each. */
export interface VersionedRows {
  /** Ordinal of the column of the texts. */
  readonly ordinal: number;
  readonly size: (version: number) => number;
}

/** Reads a table again and again while something is done to it, and checks that its rows are those of one version each time. */
export async function readVersionsDuring(
  context: AcceleratorContext,
  opened: Accelerated,
  { versions, work }: { readonly versions: VersionedRows; readonly work: () => Promise<void> },
): Promise<number> {
  let isDone = false;
  let reads = 0;
  const read = async (): Promise<void> => {
    while (!isDone) {
      await expectOneVersion(context, opened, versions);
      reads += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const readers = [read(), read(), read()];
  try {
    await work();
  } finally {
    isDone = true;
    await Promise.allSettled(readers);
  }
  await Promise.all(readers);
  return reads;
}

/** Reads all rows and checks that they are those of one version. */
async function expectOneVersion(
  context: AcceleratorContext,
  { table }: Accelerated,
  { ordinal, size }: VersionedRows,
): Promise<void> {
  const { rows } = await scanTable(table, { projection: [ordinal] });
  const versions = [...new Set(rows.map(([text]) => String(text)))];
  const [text] = versions;
  if (text === undefined || versions.length > 1)
    return context.fail({ expected: 'one version', found: versions.join(' and ') || 'no rows' });
  const wanted = size(Number(text.replace('version ', '')));
  if (rows.length !== wanted) context.fail({ expected: `${wanted} rows of ${text}`, found: `${rows.length}` });
}
