import { cancelledError, type Json, type PartitionAdmin } from '@millrace/core';
import { partitionKeyText } from './chunks.ts';
import { countRows, NO_CHANGES, type PartitionKey } from './snapshot.ts';
import type { StoredTable } from './stored-table.ts';

/**
 * Creates the administration of a partitioned table. A partition exists while it has rows, so there is nothing to add. Keys are matched as
 * JSON; 64-bit integers and decimals are texts, dates and timestamps ISO texts.
 */
export function createPartitionAdmin(stored: StoredTable): PartitionAdmin {
  return {
    async *list(match, context) {
      const { chunks, shape } = stored.current;
      const seen = new Set<string>();
      for (const { key } of chunks) {
        if (context.signal.aborted) throw cancelledError(`table ${stored.name}`, context.signal);
        if (key === undefined || !matches(key, match)) continue;
        const text = partitionKeyText(key, shape.partitionColumns);
        if (seen.has(text)) continue;
        seen.add(text);
        yield key;
      }
    },
    async drop(partitions, context) {
      if (context.signal.aborted) throw cancelledError(`table ${stored.name}`, context.signal);
      let dropped = 0;
      await stored.change(async ({ chunks, shape, rowCount }) => {
        const isWanted = (key: PartitionKey): boolean =>
          partitions.some((match) => matchesWhole(key, match, shape.partitionColumns));
        const deleted = chunks.filter((chunk) => isWanted(chunk.key!));
        dropped = new Set(deleted.map((chunk) => partitionKeyText(chunk.key!, shape.partitionColumns))).size;
        if (dropped === 0) return undefined;
        const kept = chunks.filter((chunk) => !isWanted(chunk.key!));
        return { chunks: kept, rowCount: rowCount - countRows(deleted), changes: { ...NO_CHANGES, deleted } };
      });
      return dropped;
    },
  };
}

/** A partition is dropped only by its whole key, so that a forgotten column never drops more than was meant. */
function matchesWhole(key: PartitionKey, match: Readonly<Record<string, Json>>, columns: readonly string[]): boolean {
  return columns.every((column) => column in match) && matches(key, match);
}

function matches(key: PartitionKey, match: Readonly<Record<string, Json>>): boolean {
  return Object.entries(match).every(([column, value]) => key[column] === value);
}
