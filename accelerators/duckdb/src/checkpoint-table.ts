import { schemaFromJson, schemaToJson } from '@millrace/arrow';
import type { Checkpoint, Json } from '@millrace/core';
import { type BoundValue, type DuckDbConnection, quoteIdentifier } from '@millrace/duckdb';

/** The state of a dataset as its file tells it. */
export interface StoredCheckpoint {
  /** Number of the version that the public name stands for. */
  readonly version: number;
  readonly checkpoint: Checkpoint;
}

/** What stands in the table about a dataset; `foreign` was written by a release that laid it out otherwise. */
export type CheckpointRow = { readonly kind: 'stored' } & StoredCheckpoint;
type FoundRow = CheckpointRow | { readonly kind: 'foreign' } | { readonly kind: 'none' };

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

/** Creates the checkpoint table of a catalog where it is missing. */
export async function createCheckpointTable(connection: DuckDbConnection, alias: string): Promise<void> {
  await connection.run(`CREATE TABLE IF NOT EXISTS ${tableOf(alias)} (${COLUMNS.join(', ')})`);
}

/** Reads a dataset's checkpoint. */
export async function readCheckpoint(connection: DuckDbConnection, alias: string, key: string): Promise<FoundRow> {
  const [row] = await connection.rows(
    `SELECT layout, version, definition_hash, schema_json, watermark, change_offset, refreshed_at_ms, row_count, bootstrap_complete
     FROM ${tableOf(alias)} WHERE dataset = $1`,
    [key],
  );
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
      rowCount: BigInt(String(rowCount)),
      bootstrapComplete: complete === true,
    },
  };
}

/** Writes a dataset's checkpoint in place of an earlier one, in the connection's transaction. */
export async function writeCheckpoint(
  connection: DuckDbConnection,
  target: { readonly alias: string; readonly key: string },
  { version, checkpoint }: StoredCheckpoint,
): Promise<void> {
  await deleteCheckpoint(connection, target);
  const { schema, definitionHash, watermark, offset, refreshedAtMs, rowCount, bootstrapComplete } = checkpoint;
  const values: BoundValue[] = [
    target.key,
    LAYOUT,
    BigInt(version),
    definitionHash,
    JSON.stringify(schemaToJson(schema)),
    watermark ?? null,
    offset === undefined ? null : JSON.stringify(offset),
    BigInt(Math.round(refreshedAtMs)),
    rowCount,
    bootstrapComplete,
  ];
  const places = values.map((_, index) => `$${index + 1}`).join(', ');
  await connection.run(`INSERT INTO ${tableOf(target.alias)} VALUES (${places})`, values);
}

/** Forgets a dataset's checkpoint, in the connection's transaction. */
export async function deleteCheckpoint(
  connection: DuckDbConnection,
  { alias, key }: { readonly alias: string; readonly key: string },
): Promise<void> {
  await connection.run(`DELETE FROM ${tableOf(alias)} WHERE dataset = $1`, [key]);
}

function tableOf(alias: string): string {
  return `${quoteIdentifier(alias)}.main.__millrace_checkpoint`;
}
