import type { ExecutionPlan, RecordBatch, TableProvider } from '@millrace/core';

/**
 * A table that is read in place of another one by the scans that find no row in that one. The two have the same columns and answer requests
 * in the same way; they are never mixed.
 */
export function firstWithRows(first: TableProvider, second: TableProvider): TableProvider {
  return {
    schema: first.schema,
    tableType: 'view',
    scan: async (request, context) => {
      // A limit that left the first one empty would say nothing of its rows.
      const plans: readonly ExecutionPlan[] = await Promise.all(
        [first, second].map((table) => table.scan(request, context)),
      );
      const [own, other] = plans as [ExecutionPlan, ExecutionPlan];
      return {
        schema: own.schema,
        applied: { filters: own.applied.filters },
        partitions: own.partitions,
        async *execute(partition, executeContext): AsyncGenerator<RecordBatch, void, undefined> {
          let hasRows = false;
          for await (const batch of own.execute(partition, executeContext)) {
            hasRows ||= batch.numRows > 0;
            if (batch.numRows > 0) yield batch;
          }
          if (!hasRows) yield* other.execute(partition, executeContext);
        },
        explain: () => {
          const { source, statement } = own.explain();
          return {
            source,
            ...(statement === undefined ? {} : { statement }),
            notes: [`a scan without rows is answered by ${other.explain().source}`],
          };
        },
      };
    },
  };
}
