import {
  CHECKPOINT_COLUMNS,
  type CheckpointRow,
  decodeCheckpoint,
  encodeCheckpoint,
  type StoredVersion,
} from '@millrace/acceleration';
import type { Query, SqliteValue } from '@millrace/sqlite';

/** The table that tells for each dataset what the database holds. */
export const CHECKPOINT_TABLE = '__millrace_checkpoint';

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
    sql: `SELECT layout, version, ${CHECKPOINT_COLUMNS.join(', ')} FROM "main".${CHECKPOINT_TABLE} WHERE dataset = ?`,
    parameters: [key],
  };
}

/** What {@link checkpointQuery} found. */
export function readCheckpoint([row]: readonly (readonly SqliteValue[])[]): CheckpointRow {
  if (!row) return { kind: 'none' };
  const [layout, version, ...values] = row;
  if (layout !== LAYOUT) return { kind: 'foreign' };
  return { kind: 'stored', version: Number(version), checkpoint: decodeCheckpoint(values) };
}

/** Writes a dataset's checkpoint in place of an earlier one. */
export function writeCheckpoint(key: string, { version, checkpoint }: StoredVersion): Query {
  const encoded = encodeCheckpoint(checkpoint).map((value) => (typeof value === 'boolean' ? BigInt(value) : value));
  const parameters: SqliteValue[] = [key, LAYOUT, BigInt(version), ...encoded];
  const places = parameters.map(() => '?').join(', ');
  return { sql: `INSERT OR REPLACE INTO "main".${CHECKPOINT_TABLE} VALUES (${places})`, parameters };
}

/** Forgets a dataset's checkpoint. */
export function deleteCheckpoint(key: string): Query {
  return { sql: `DELETE FROM "main".${CHECKPOINT_TABLE} WHERE dataset = ?`, parameters: [key] };
}
