import { type ScanContext, TypeId } from '@millrace/core';
import type { SqlText } from '@millrace/sql';
import { runQuery } from './client/run-query.ts';
import { quoteIdentifier } from './dialect.ts';
import type { MappedColumn } from './map-columns.ts';
import type { MysqlTable } from './mysql-table.ts';

/** The rows of one partition by their key, `start` inclusive and `end` exclusive; without one of both it is open there. */
export interface KeyRange {
  readonly start?: string;
  readonly end?: string;
}

/** The column whose ranges can be read apart: the only one of the primary key, if it is an integer and more partitions are wanted. */
export function partitionKey(table: MysqlTable, { targetPartitions }: ScanContext): MappedColumn | undefined {
  const wanted = Math.min(table.settings.scanPartitions, targetPartitions ?? Number.POSITIVE_INFINITY);
  const primary = table.description.keys.find(({ isPrimary }) => isPrimary);
  if (wanted < 2 || primary?.columns.length !== 1) return undefined;
  const column = table.columns.find(({ name }) => name === primary.columns[0]);
  return column?.kind === 'number' && column.field.type.typeId === TypeId.Int ? column : undefined;
}

/** Cuts the keys that there are into ranges of equal width; the first and the last are open, so that no new row is missed. */
export async function planRanges(
  table: MysqlTable,
  { name }: MappedColumn,
  { signal, targetPartitions }: ScanContext,
): Promise<readonly KeyRange[]> {
  const { description, pool, component } = table;
  const key = quoteIdentifier(name);
  const [bounds] = await pool.use(component, signal, ({ connection }) =>
    runQuery(
      connection,
      `SELECT CAST(MIN(${key}) AS CHAR), CAST(MAX(${key}) AS CHAR) FROM ${quoteIdentifier(description.database)}.${quoteIdentifier(description.name)}`,
    ),
  );
  const [low, high] = bounds ?? [];
  if (typeof low !== 'string' || typeof high !== 'string') return [];
  const wanted = Math.min(table.settings.scanPartitions, targetPartitions ?? Number.POSITIVE_INFINITY);
  return cutRange(BigInt(low), BigInt(high), wanted);
}

/** At most `count` ranges that together cover everything; fewer where there are fewer keys. */
export function cutRange(low: bigint, high: bigint, count: number): readonly KeyRange[] {
  const width = high - low + 1n;
  const parts = width < BigInt(count) ? Number(width) : count;
  if (parts < 2) return [];
  const starts = Array.from({ length: parts - 1 }, (_, index) => low + (width * BigInt(index + 1)) / BigInt(parts));
  return [undefined, ...starts].map((start, index) => ({
    ...(start !== undefined && { start: String(start) }),
    ...(starts[index] !== undefined && { end: String(starts[index]) }),
  }));
}

/** The condition that cuts out a range. */
export function rangeCondition(column: MappedColumn, { start, end }: KeyRange): SqlText {
  const { name, field } = column;
  const key = quoteIdentifier(name);
  const bounds = [
    ...(start === undefined ? [] : [{ operator: '>=', value: BigInt(start) }]),
    ...(end === undefined ? [] : [{ operator: '<', value: BigInt(end) }]),
  ];
  return {
    sql: bounds.map(({ operator }) => `${key} ${operator} ?`).join(' AND '),
    parameters: bounds.map(({ value }) => ({ value, type: field.type, column })),
  };
}
