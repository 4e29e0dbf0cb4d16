import type { NativeRelation } from '@millrace/core';
import { type DuckDbDatabase, quoteTableName } from '@millrace/duckdb';
import type { EngineTable } from './engine-table.ts';

/** A native relation opened in an engine: what stands for the table, until it is released. */
export interface OpenRelation {
  /** A SELECT over exactly the table's columns. */
  readonly select: string;
  /** Gives back what the relation holds; nothing may read it any more. Idempotent. */
  release(): void;
}

/** Opens a relation that the engine can read. */
export function openRelation(database: DuckDbDatabase, table: EngineTable, relation: NativeRelation): OpenRelation {
  switch (relation.kind) {
    case 'sql':
      return { select: relation.sql, release: () => {} };
    case 'engine_table': {
      const name = quoteTableName({ schemaName: relation.schemaName, table: relation.table }, relation.catalog);
      return { select: `SELECT * FROM ${name}`, release: () => {} };
    }
    case 'batches': {
      const registered = database.registerBatches({ schema: table.schema, batches: relation.batches });
      return { select: `SELECT * FROM ${registered.sql}`, release: () => registered.release() };
    }
    default: {
      const unknown: never = relation;
      throw new TypeError(`unknown native relation ${String(unknown)}`);
    }
  }
}

/** Tells whether two relations are the same one, so that what was opened for the first serves the second. */
export function isSameRelation(left: NativeRelation | undefined, right: NativeRelation): boolean {
  if (left === undefined || left.kind !== right.kind) return false;
  switch (left.kind) {
    case 'sql':
      return right.kind === 'sql' && left.sql === right.sql;
    case 'batches':
      return right.kind === 'batches' && left.batches === right.batches;
    case 'engine_table':
      return (
        right.kind === 'engine_table' &&
        left.catalog === right.catalog &&
        left.schemaName === right.schemaName &&
        left.table === right.table
      );
  }
}
