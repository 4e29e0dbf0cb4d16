import type { PreparedTable } from './prepare-tables.ts';

/**
 * Prepared tables, whose notes tell the indexes that their sources look rows up by. A source that cannot say so is left as it is.
 *
 * @throws what the source throws once the signal has fired.
 */
export async function askIndexes(
  tables: readonly PreparedTable[],
  signal: AbortSignal,
): Promise<readonly PreparedTable[]> {
  return Promise.all(
    tables.map(async (table) => {
      if (table.access !== 'staged') return table;
      const { plan, request } = table.scan;
      if (plan?.indexesUsed === undefined || request.filters.length === 0) return table;
      try {
        const used = await plan.indexesUsed({ signal });
        return used.length === 0 ? table : { ...table, notes: [...table.notes, `looks rows up by ${used.join(', ')}`] };
      } catch (error) {
        if (signal.aborted) throw error;
        return table;
      }
    }),
  );
}
