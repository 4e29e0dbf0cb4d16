import type { CheckContext } from '../check-context.ts';
import type { TableLocation } from '../subject.ts';

/** Words of statements that ask what a source knows about its tables. */
const METADATA =
  /pg_catalog|pg_class|pg_attribute|information_schema|sqlite_schema|sqlite_master|duckdb_(tables|columns|views)|\bpragma\b|^\s*(explain|show|describe|set|begin|start|commit|rollback|savepoint|reset|prepare|deallocate|close|discard)\b/i;

/** The statements since a moment that read rows of a table; undefined where the subject does not know statements. */
export async function readsSince(
  { source }: CheckContext,
  mark: number,
  table: TableLocation,
): Promise<readonly string[] | undefined> {
  const statements = await source.statements?.();
  const reads = source.readsRows ?? ((statement) => statement.includes(table.name) && !METADATA.test(statement));
  return statements?.slice(mark).filter((statement) => reads(statement, table));
}

/** A moment for {@link readsSince}. */
export async function markStatements({ source }: CheckContext): Promise<number> {
  return (await source.statements?.())?.length ?? 0;
}
