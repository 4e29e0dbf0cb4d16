import type { AcceleratedTable, ExecutionPlan } from '@millrace/core';
import { type AcceleratorMutant, acceleratedMutant } from './mutate-accelerator.ts';

/** Answers otherwise which indexes its scans use. */
function answering(table: AcceleratedTable, used: () => readonly string[]): Partial<AcceleratedTable> {
  return {
    async scan(request, context): Promise<ExecutionPlan> {
      return { ...(await table.scan(request, context)), indexesUsed: async () => used() };
    },
  };
}

/** Accelerators whose look-ups use other indexes than they should. */
export const INDEX_MUTANTS: readonly AcceleratorMutant[] = [
  acceleratedMutant('reads the table for every look-up', ['conflict/look-ups-use-indexes'], (table) =>
    answering(table, () => []),
  ),
  acceleratedMutant('says that it uses an index, whatever is asked', ['conflict/look-ups-use-indexes'], (table) =>
    answering(table, () => ['every index']),
  ),
  acceleratedMutant('loses its indexes at a restart', ['files/look-ups-use-indexes-after-a-restart'], (table) =>
    table.checkpoint === undefined ? {} : answering(table, () => []),
  ),
];
