import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { type ErrorCode, isMillraceError } from '@millrace/core';
import type { DuckDbDatabase } from '@millrace/duckdb';
import { descriptorOf } from './file-descriptors.ts';

/** Where DuckDB's format has the two headers of which the one with the greater iteration counts, and the first block. */
const HEADERS_AT = [4_096, 8_192] as const;
const BLOCKS_AT = 12_288;
/** Fields of a header behind its checksum: iteration, and size of a block, both 64 bits. */
const ITERATION_AT = 8;
const BLOCK_SIZE_AT = 40;

/** Errors of an attempt to open a file that say nothing of its content. */
const NOT_OF_THE_FILE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'conflict',
  'unauthorized',
  'invalid_state',
  'cancelled',
  'resource_exhausted',
]);

/** The file beside a database in which its journal is. */
export function journalPath(file: string): string {
  return `${file}.undo`;
}

/**
 * Keeps what a checkpoint of DuckDB writes over. It puts rows into free blocks and then writes another header; but blocks of metadata that have
 * room are written where they stand, though the old header refers to them until the end. A process that is killed within such a write leaves a
 * block that is neither the old one nor the new one, and a file that DuckDB refuses to open.
 *
 * So the blocks of metadata are copied before a checkpoint, and put back when the file is opened with the header that it had then.
 *
 * Source: DuckDB's `MetadataManager::Flush`; a kill -9 in some hundred hit such a write.
 */
export class BlockJournal {
  readonly #file: string;
  /** Of the header that the journal was written for; what stands there since may be half of a checkpoint that broke off. */
  #savedIteration: bigint | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Puts blocks back that a killed process may have left half written. Whether the file is sound then is for DuckDB to say.
   *
   * @throws MillraceError `conflict` where another process has the file open, and whatever else keeps it from being locked: then it is not this
   * one's to repair.
   */
  async restore(database: DuckDbDatabase, alias: string): Promise<void> {
    const file = this.#file;
    const journal = await readJournal(file);
    if (journal === undefined || !(await isOf(journal, file))) return;
    const probed = await probe(database, { path: file, alias });
    try {
      // Another process may have been at work until now.
      if (await isOf(journal, file)) {
        await putBack(journal, file);
        this.#savedIteration = journal.iteration;
      }
    } finally {
      if (probed === 'attached') await database.detach(alias);
    }
  }

  /** Copies the blocks of metadata of the attached file; it is done once for each header. */
  async save(database: DuckDbDatabase, alias: string): Promise<void> {
    const { handle, identity } = await descriptorOf(this.#file);
    const { iteration, blockSize } = await readHeader(handle);
    if (this.#savedIteration === iteration) return;
    const sql = 'SELECT DISTINCT block_id::BIGINT FROM pragma_metadata_info($1)';
    const rows = await database.withConnection((connection) => connection.rows(sql, [alias]));
    const blocks: SavedBlock[] = [];
    for (const [id] of rows) {
      const position = BLOCKS_AT + Number(id) * blockSize;
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(blockSize), 0, blockSize, position);
      if (bytesRead === blockSize) blocks.push({ position, bytes: buffer });
    }
    await writeJournal(this.#file, { identity, iteration, blocks });
    this.#savedIteration = iteration;
  }

  /** The checkpoint is complete: nothing has to be put back any more. */
  async clear(): Promise<void> {
    this.#savedIteration = undefined;
    await rm(journalPath(this.#file), { force: true });
  }
}

interface SavedBlock {
  /** In the file, in bytes. */
  readonly position: number;
  readonly bytes: Uint8Array;
}

interface Journal {
  /** Of the database file: another one may have come into its place. */
  readonly identity: string;
  readonly iteration: bigint;
  readonly blocks: readonly SavedBlock[];
}

/** What is written before the blocks, as a line of JSON. */
interface JournalHead {
  readonly identity: string;
  readonly iteration: string;
  readonly digest: string;
  readonly blocks: readonly { readonly position: number; readonly length: number }[];
}

async function writeJournal(file: string, { identity, iteration, blocks }: Journal): Promise<void> {
  const bytes = Buffer.concat(blocks.map((block) => block.bytes));
  const head: JournalHead = {
    identity,
    iteration: String(iteration),
    digest: digestOf(bytes),
    blocks: blocks.map((block) => ({ position: block.position, length: block.bytes.length })),
  };
  const path = journalPath(file);
  const unfinished = `${path}.new`;
  {
    await using written = await open(unfinished, 'w');
    await written.writeFile(Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), bytes]));
    await written.datasync();
  }
  await rename(unfinished, path);
}

async function readJournal(file: string): Promise<Journal | undefined> {
  const content = await readFile(journalPath(file)).catch(() => undefined);
  const end = content?.indexOf('\n') ?? -1;
  if (content === undefined || end < 0) return undefined;
  const { identity, iteration, digest, blocks } = JSON.parse(content.toString('utf8', 0, end)) as JournalHead;
  const bytes = content.subarray(end + 1);
  if (digestOf(bytes) !== digest) return undefined;
  let start = 0;
  const saved = blocks.map(({ position, length }) => {
    start += length;
    return { position, bytes: bytes.subarray(start - length, start) };
  });
  return { identity, iteration: BigInt(iteration), blocks: saved };
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Whether the journal was written for the header that the file has now; false where there is no such file. */
async function isOf({ identity, iteration }: Journal, file: string): Promise<boolean> {
  try {
    const found = await descriptorOf(file);
    return identity === found.identity && iteration === (await readHeader(found.handle)).iteration;
  } catch {
    return false;
  }
}

async function putBack({ blocks }: Journal, file: string): Promise<void> {
  await using opened = await open(file, 'r+');
  for (const { position, bytes } of blocks) await opened.write(bytes, 0, bytes.length, position);
  await opened.datasync();
}

/** Takes a lock that no process can share with one that writes. A file that is too damaged to be opened is nobody's. */
async function probe(
  database: DuckDbDatabase,
  place: { path: string; alias: string },
): Promise<'attached' | 'damaged'> {
  try {
    await database.attach({ ...place, access: 'read_only' });
    return 'attached';
  } catch (error) {
    if (isMillraceError(error) && NOT_OF_THE_FILE.has(error.code)) throw error;
    return 'damaged';
  }
}

async function readHeader(file: FileHandle): Promise<{ readonly iteration: bigint; readonly blockSize: number }> {
  const { buffer } = await file.read(Buffer.alloc(BLOCKS_AT), 0, BLOCKS_AT, 0);
  const [first, second] = HEADERS_AT.map((start) => ({
    iteration: buffer.readBigUInt64LE(start + ITERATION_AT),
    blockSize: Number(buffer.readBigUInt64LE(start + BLOCK_SIZE_AT)),
  }));
  return first!.iteration > second!.iteration ? first! : second!;
}
