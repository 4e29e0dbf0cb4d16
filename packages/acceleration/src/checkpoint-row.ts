import { schemaFromJson, schemaToJson } from '@millrace/arrow';
import type { Checkpoint, CreateTableCommand, Json, RefreshSession, Schema } from '@millrace/core';

/** What whoever commits a refresh says of its checkpoint. */
export type NewCheckpoint = Parameters<RefreshSession['commit']>[0];

/**
 * The columns in which a table keeps a checkpoint, in the order of {@link encodeCheckpoint}: texts, the third and fourth of which may be null, two
 * integers of 64 bits, and a truth value.
 */
export const CHECKPOINT_COLUMNS = [
  'definition_hash',
  'schema_json',
  'watermark',
  'change_offset',
  'refreshed_at_ms',
  'row_count',
  'bootstrap_complete',
] as const;

/** The values of {@link CHECKPOINT_COLUMNS}. */
export type CheckpointValues = readonly [string, string, string | null, string | null, bigint, bigint, boolean];

/** A checkpoint as a row of a table. Milliseconds are whole ones there. */
export function encodeCheckpoint(checkpoint: Checkpoint): CheckpointValues {
  const { schema, definitionHash, watermark, offset, refreshedAtMs, rowCount, bootstrapComplete } = checkpoint;
  return [
    definitionHash,
    JSON.stringify(schemaToJson(schema)),
    watermark ?? null,
    offset === undefined ? null : JSON.stringify(offset),
    BigInt(Math.round(refreshedAtMs)),
    rowCount,
    bootstrapComplete,
  ];
}

/**
 * The checkpoint that {@link encodeCheckpoint} made a row of. Integers may have become numbers or texts on their way, and the truth value an integer.
 */
export function decodeCheckpoint(values: readonly unknown[]): Checkpoint {
  const [definitionHash, schemaJson, watermark, offset, refreshedAtMs, rowCount, bootstrapComplete] = values;
  return {
    schema: schemaFromJson(JSON.parse(String(schemaJson)) as Json),
    definitionHash: String(definitionHash),
    ...(watermark === null ? {} : { watermark: String(watermark) }),
    ...(offset === null ? {} : { offset: JSON.parse(String(offset)) as Json }),
    refreshedAtMs: Number(refreshedAtMs),
    rowCount: BigInt(String(rowCount)),
    bootstrapComplete: bootstrapComplete === true || bootstrapComplete === 1 || bootstrapComplete === 1n,
  };
}

/** The checkpoint of rows that are about to be the table's. */
export function toCheckpoint(
  checkpoint: NewCheckpoint,
  table: { readonly command: CreateTableCommand; readonly schema: Schema; readonly rowCount: bigint },
): Checkpoint {
  const { command, schema, rowCount } = table;
  return { ...checkpoint, schema, definitionHash: command.definitionHash, rowCount };
}
