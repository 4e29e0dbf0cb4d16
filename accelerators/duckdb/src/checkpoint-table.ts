import {
  CHECKPOINT_COLUMNS,
  type CheckpointRow,
  decodeCheckpoint,
  encodeCheckpoint,
  type StoredVersion,
} from '@millrace/acceleration';
import { type DuckDbConnection, quoteIdentifier } from '@millrace/duckdb';

/** Number of the layout of tables and checkpoints; another one's data is loaded again. */
const LAYOUT = 1;

const COLUMNS = [
  'dataset VARCHAR NOT NULL',
  'layout INTEGER NOT NULL',
  'version BIGINT NOT NULL',
  'definition_hash VARCHAR NOT NULL',
  'schema_json VARCHAR NOT NULL',
  'watermark VARCHAR',
  'change_offset VARCHAR',
  'refreshed_at_ms BIGINT NOT NULL',
  'row_count BIGINT NOT NULL',
  'bootstrap_complete BOOLEAN NOT NULL',
];

/** Where a dataset's checkpoint stands. */
export interface CheckpointPlace {
  readonly alias: string;
  readonly key: string;
}

/** Creates the checkpoint table of a catalog where it is missing. */
export async function createCheckpointTable(connection: DuckDbConnection, alias: string): Promise<void> {
  await connection.run(`CREATE TABLE IF NOT EXISTS ${tableOf(alias)} (${COLUMNS.join(', ')})`);
}

/** Reads a dataset's checkpoint. */
export async function readCheckpoint(
  connection: DuckDbConnection,
  { alias, key }: CheckpointPlace,
): Promise<CheckpointRow> {
  const [row] = await connection.rows(
    `SELECT layout, version, ${CHECKPOINT_COLUMNS.join(', ')} FROM ${tableOf(alias)} WHERE dataset = $1`,
    [key],
  );
  if (!row) return { kind: 'none' };
  const [layout, version, ...values] = row;
  if (layout !== LAYOUT) return { kind: 'foreign' };
  return { kind: 'stored', version: Number(version), checkpoint: decodeCheckpoint(values) };
}

/** Writes a dataset's checkpoint in place of an earlier one, in the connection's transaction. */
export async function writeCheckpoint(
  connection: DuckDbConnection,
  place: CheckpointPlace,
  { version, checkpoint }: StoredVersion,
): Promise<void> {
  await deleteCheckpoint(connection, place);
  const values = [place.key, LAYOUT, BigInt(version), ...encodeCheckpoint(checkpoint)];
  const places = values.map((_, index) => `$${index + 1}`).join(', ');
  await connection.run(`INSERT INTO ${tableOf(place.alias)} VALUES (${places})`, values);
}

/** Forgets a dataset's checkpoint, in the connection's transaction. */
export async function deleteCheckpoint(connection: DuckDbConnection, { alias, key }: CheckpointPlace): Promise<void> {
  await connection.run(`DELETE FROM ${tableOf(alias)} WHERE dataset = $1`, [key]);
}

function tableOf(alias: string): string {
  return `${quoteIdentifier(alias)}.main.__millrace_checkpoint`;
}
