import { CHECKPOINT_COLUMNS, decodeCheckpoint, encodeCheckpoint } from '@millrace/acceleration';
import type { Checkpoint } from '@millrace/core';
import { quoteIdentifier } from '@millrace/postgres';
import type { TableNames } from './table-names.ts';

/** Number of the layout of tables and checkpoints; another one's data is not used. */
export const LAYOUT = 1;

/** The version that a dataset's rows are in, as the server tells it. */
export interface StoredCheckpoint {
  /** Name of the table, without its schema. */
  readonly relation: string;
  /** Differs with every commit. */
  readonly commitId: string;
  readonly checkpoint: Checkpoint;
}

/** A row of the checkpoint table; numbers of 64 bits come as text. */
export type CheckpointRow = Readonly<Record<'definition' | 'relation' | 'commit_id', string>> &
  Readonly<Record<(typeof CHECKPOINT_COLUMNS)[number], string | boolean | null>>;

/** The table that tells for each dataset and definition which table holds its rows, quoted. */
export function checkpointTable(schema: string): string {
  return `${quoteIdentifier(schema)}.__millrace_checkpoint`;
}

/** The sequence that versions are numbered by, quoted. */
export function versionSequence(schema: string): string {
  return `${quoteIdentifier(schema)}.__millrace_version`;
}

/** The statements that create table and sequence where they are missing. */
export function createCheckpointTable(schema: string): readonly string[] {
  const columns = [
    'dataset text COLLATE "C" NOT NULL',
    'definition text COLLATE "C" NOT NULL',
    'relation text COLLATE "C" NOT NULL',
    'commit_id text NOT NULL',
    'definition_hash text NOT NULL',
    'schema_json text NOT NULL',
    'watermark text',
    'change_offset text',
    'refreshed_at_ms bigint NOT NULL',
    'row_count bigint NOT NULL',
    'bootstrap_complete boolean NOT NULL',
    'PRIMARY KEY (dataset, definition)',
  ];
  return [
    `CREATE TABLE IF NOT EXISTS ${checkpointTable(schema)} (${columns.join(', ')})`,
    `CREATE SEQUENCE IF NOT EXISTS ${versionSequence(schema)}`,
  ];
}

/** A statement without bound values that gives the dataset's row of a definition, to be sent behind others in one round trip. */
export function checkpointQuery(schema: string, { dataset, definition }: TableNames): string {
  return `SELECT * FROM ${checkpointTable(schema)} WHERE dataset = ${quoteText(dataset)} AND definition = ${quoteText(definition)}`;
}

/** A text as a literal; sessions of the kit have standard_conforming_strings on. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** What a row of the table says. */
export function readCheckpoint(row: CheckpointRow): StoredCheckpoint {
  const checkpoint = decodeCheckpoint(CHECKPOINT_COLUMNS.map((name) => row[name]));
  return { relation: row.relation, commitId: row.commit_id, checkpoint };
}

/** The statement that writes a checkpoint in the place of an earlier one, and its values. */
export function writeCheckpoint(
  schema: string,
  { dataset, definition }: TableNames,
  { relation, commitId, checkpoint }: StoredCheckpoint,
): { readonly sql: string; readonly values: readonly (string | boolean | null)[] } {
  const encoded = encodeCheckpoint(checkpoint).map((value) => (typeof value === 'bigint' ? String(value) : value));
  const values = [dataset, definition, relation, commitId, ...encoded];
  const names = ['relation', 'commit_id', ...CHECKPOINT_COLUMNS];
  const places = values.map((_, index) => `$${index + 1}`).join(', ');
  const update = names.map((name) => `${name} = excluded.${name}`).join(', ');
  const sql = `INSERT INTO ${checkpointTable(schema)} (dataset, definition, ${names.join(', ')}) VALUES (${places}) ON CONFLICT (dataset, definition) DO UPDATE SET ${update}`;
  return { sql, values };
}
