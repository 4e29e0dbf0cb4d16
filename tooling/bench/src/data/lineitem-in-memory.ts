import { memoryDatabase } from '@millrace/connector-memory';
import type { DatasetInput } from '@millrace/runtime';
import { readBatches } from './read-batches.ts';

/** Puts the rows of a file into memory and names them as a dataset that offers nothing but the contract's scan. */
export async function putIntoMemory(path: string): Promise<DatasetInput> {
  memoryDatabase('bench').put('lineitem', { ...(await readBatches(path)), versionsKept: 1 });
  return { from: 'scanned:lineitem', name: 'lineitem' };
}
