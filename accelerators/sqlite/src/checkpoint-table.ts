import { schemaFromJson, schemaToJson } from '@millrace/arrow';
import type { Checkpoint, Json } from '@millrace/core';
import type { Query, SqliteValue } from '@millrace/sqlite';

/** The table that tells for each dataset what the database holds. */
export const CHECKPOINT_TABLE = '__millrace_checkpoint';

/** The state of a dataset as its database tells it. */
export interface StoredCheckpoint {
  /** Number of the version that the public name stands for. */
  readonly version: number;
  readonly checkpoint: Checkpoint;
}

/** What stands in the table about a dataset; `foreign` was written by a release that laid it out otherwise. */
export type CheckpointRow = ({ readonly kind: 'stored' } & StoredCheckpoint) | { readonly kind: 'foreign' | 'none' };

/** Number of the layout of tables and checkpoints; another one's data is loaded again. */
const LAYOUT = 1n;

const COLUMNS = [
  'dataset TEXT PRIMARY KEY',
  'layout INTEGER NOT NULL',
  'version INTEGER NOT NULL',
  'definition_hash TEXT NOT NULL',
  'schema_json TEXT NOT NULL',
  'watermark TEXT',
  'change_offset TEXT',
  'refreshed_at_ms INTEGER NOT NULL',
  'row_count INTEGER NOT NULL',
  'bootstrap_complete INTEGER NOT NULL',
];

/** Creates the checkpoint table where it is missing. */
export const CREATE_CHECKPOINT_TABLE: string = `CREATE TABLE IF NOT EXISTS "main".${CHECKPOINT_TABLE} (${COLUMNS.join(', ')}) WITHOUT ROWID`;

/** Asks for a dataset's checkpoint. */
export function checkpointQuery(key: string): Query {
  return {
    sql: `SELECT layout, version, definition_hash, schema_json, watermark, change_offset, refreshed_at_ms, row_count, bootstrap_complete FROM "main".${CHECKPOINT_TABLE} WHERE dataset = ?`,
    parameters: [key],
  };
}

/** What {@link checkpointQuery} found. */
export function readCheckpoint([row]: readonly (readonly SqliteValue[])[]): CheckpointRow {
  if (!row) return { kind: 'none' };
  const [layout, version, definitionHash, schemaJson, watermark, offset, refreshedAtMs, rowCount, complete] = row;
  if (layout !== LAYOUT) return { kind: 'foreign' };
  return {
    kind: 'stored',
    version: Number(version),
    checkpoint: {
      schema: schemaFromJson(JSON.parse(String(schemaJson)) as Json),
      definitionHash: String(definitionHash),
      ...(watermark === null ? {} : { watermark: String(watermark) }),
      ...(offset === null ? {} : { offset: JSON.parse(String(offset)) as Json }),
      refreshedAtMs: Number(refreshedAtMs),
      rowCount: rowCount as bigint,
      bootstrapComplete: complete === 1n,
    },
  };
}

/** Writes a dataset's checkpoint in place of an earlier one. */
export function writeCheckpoint(key: string, { version, checkpoint }: StoredCheckpoint): Query {
  const { schema, definitionHash, watermark, offset, refreshedAtMs, rowCount, bootstrapComplete } = checkpoint;
  const values: SqliteValue[] = [
    key,
    LAYOUT,
    BigInt(version),
    definitionHash,
    JSON.stringify(schemaToJson(schema)),
    watermark ?? null,
    offset === undefined ? null : JSON.stringify(offset),
    BigInt(Math.round(refreshedAtMs)),
    rowCount,
    bootstrapComplete ? 1n : 0n,
  ];
  const places = values.map(() => '?').join(', ');
  return { sql: `INSERT OR REPLACE INTO "main".${CHECKPOINT_TABLE} VALUES (${places})`, parameters: values };
}

/** Forgets a dataset's checkpoint. */
export function deleteCheckpoint(key: string): Query {
  return { sql: `DELETE FROM "main".${CHECKPOINT_TABLE} WHERE dataset = ?`, parameters: [key] };
}
