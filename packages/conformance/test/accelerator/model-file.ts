import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { concatBatches, readIpc, schemaFromJson, schemaToJson, writeIpcStream } from '@millrace/arrow';
import type { Checkpoint, Json, RecordBatch } from '@millrace/core';
import { modelFailure } from './model-failure.ts';

/** One version of a table. */
export interface StoredVersion {
  readonly batch: RecordBatch;
  readonly checkpoint: Checkpoint | undefined;
}

const SIGNATURE = 'MODEL';

/** Writes a version aside and renames it: a crash leaves the old file or the new one. @throws MillraceError `io`. */
export async function writeVersion(path: string, { batch, checkpoint }: Required<StoredVersion>): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeIpcStream(batch.schema, [batch])) chunks.push(chunk);
  const { schema, rowCount, ...rest } = checkpoint!;
  const head = JSON.stringify({ ...rest, schema: schemaToJson(schema), rowCount: String(rowCount) });
  const content = Buffer.concat([Buffer.from(`${head}\n`), ...chunks]);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.next`, Buffer.concat([Buffer.from(`${SIGNATURE} ${sumOf(content)}\n`), content]));
    await rename(`${path}.next`, path);
  } catch (error) {
    throw modelFailure('io', `the file ${path} cannot be written`, error);
  }
}

/** Reads what a file holds; undefined where there is none. @throws MillraceError `io`, `invalid_data`. */
export async function readVersion(path: string): Promise<Required<StoredVersion> | undefined> {
  let bytes: Buffer;
  try {
    await mkdir(dirname(path), { recursive: true });
    await rm(`${path}.next`, { force: true }).catch(() => {});
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw modelFailure('io', `the file ${path} cannot be read`, error);
  }
  const signature = bytes.indexOf('\n');
  const content = bytes.subarray(signature + 1);
  if (bytes.subarray(0, Math.max(signature, 0)).toString() !== `${SIGNATURE} ${sumOf(content)}`)
    throw modelFailure('invalid_data', `the file ${path} is damaged`);
  const head = content.indexOf('\n');
  const { schema, rowCount, ...rest } = JSON.parse(content.subarray(0, head).toString()) as Record<string, Json> & {
    readonly rowCount: string;
  };
  const checkpoint = { ...rest, schema: schemaFromJson(schema!), rowCount: BigInt(rowCount) } as unknown as Checkpoint;
  const { batches } = await readIpc(new Uint8Array(content.subarray(head + 1)));
  const read: RecordBatch[] = [];
  for await (const batch of batches) read.push(batch);
  return { batch: concatBatches(checkpoint.schema, read), checkpoint };
}

function sumOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
