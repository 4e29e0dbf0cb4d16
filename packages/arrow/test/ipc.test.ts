import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as zlib from 'node:zlib';
import { dataTypes, field, type RecordBatch, type Schema, TypeId } from '@millrace/core';
import * as arrow21 from 'apache-arrow';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  adoptTable,
  batchFromColumns,
  createLiteralReader,
  describeType,
  emptyBatch,
  type IpcContent,
  type IpcSource,
  type LiteralLike,
  readIpc,
  rowsFromBatch,
  schemasEqual,
  sliceBatch,
  writeIpcStream,
} from '../src/index.ts';
import { columnValues, nestedSamples, scalarTypes } from './type-arbitraries.ts';

const NUM_RUNS = process.env.MILLRACE_TEST_FULL ? 200 : 5;
const samples = [...scalarTypes, ...nestedSamples];
const numbers: Schema = { fields: [field('n', dataTypes.int32())], metadata: new Map([['origin', 'test']]) };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-arrow-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe.each(samples.map((sample) => ({ name: describeType(sample.type), sample })))('$name', ({ sample }) => {
  it('comes back from a stream of several batches, slices among them', async () => {
    const schema = { fields: [{ ...field('c', sample.type), metadata: new Map([['unit', 'm']]) }] };
    await fc.assert(
      fc.asyncProperty(columnValues(sample), columnValues(sample), fc.nat(5), async (left, right, cut) => {
        const start = Math.min(cut, left.length);
        const batches = [
          sliceBatch(batchFromColumns(schema, [left]), start, left.length),
          batchFromColumns(schema, [right]),
        ];
        const content = await readIpc(await collect(writeIpcStream(schema, batches)));
        expect(schemasEqual(content.schema, schema)).toBe(true);
        expect(await literals(content)).toEqual([...left.slice(start), ...right]);
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

describe('writeIpcStream', () => {
  it('writes a stream of no batches with its schema', async () => {
    const content = await readIpc(await collect(writeIpcStream(numbers, [])));
    expect(schemasEqual(content.schema, numbers)).toBe(true);
    expect(await rows(content)).toEqual([]);
  });

  it('writes the row count of batches without columns', async () => {
    const schema: Schema = { fields: [] };
    const bytes = await collect(writeIpcStream(schema, [emptyBatch(schema, 5), emptyBatch(schema, 6)]));
    const counts: number[] = [];
    for await (const batch of (await readIpc(bytes)).batches) counts.push(batch.numRows);
    expect(counts).toEqual([5, 6]);
  });

  it('pulls one batch for each chunk and releases its source when broken off', async () => {
    const events: string[] = [];
    async function* source() {
      try {
        for (let n = 0; n < 100; n++) {
          events.push(`batch ${n}`);
          yield batch([n]);
        }
      } finally {
        events.push('released');
      }
    }
    let chunks = 0;
    for await (const _ of writeIpcStream(numbers, source())) if (++chunks === 3) break;
    expect(events).toEqual(['batch 0', 'batch 1', 'released']);
  });

  it('fails with the error of its source', async () => {
    async function* source() {
      yield batch([1]);
      throw new Error('the source broke');
    }
    await expect(collect(writeIpcStream(numbers, source()))).rejects.toThrow('the source broke');
  });

  it('refuses a batch that does not fit the schema', async () => {
    const other = batchFromColumns({ fields: [field('n', dataTypes.utf8())] }, [['x']]);
    await expect(collect(writeIpcStream(numbers, [other]))).rejects.toMatchObject({ code: 'schema_mismatch' });
  });

  it('writes a dictionary that batches share once, and others anew', async () => {
    const type = { typeId: TypeId.Dictionary, indices: dataTypes.int8(), dictionary: dataTypes.utf8() };
    const schema = { fields: [field('d', type), field('e', type)] };
    const word = 'x'.repeat(10_000);
    const first = batchFromColumns(schema, [
      [word, 'a', word],
      ['e', null, 'f'],
    ]);
    const second = batchFromColumns(schema, [
      ['b', word],
      ['g', 'e'],
    ]);
    const batches = [first, sliceBatch(first, 1, 3), second];
    const bytes = await collect(writeIpcStream(schema, batches));
    expect(bytes.length).toBeLessThan(2 * word.length + 5_000);
    expect(await rows(await readIpc(bytes))).toEqual(batches.flatMap((part) => [...rowsFromBatch(part)]));
  });
});

describe('readIpc', () => {
  const batches = [batch([1, null, 3]), batch([4])];
  const expected = [{ n: 1 }, { n: null }, { n: 3 }, { n: 4 }];

  async function sourcesOf(format: 'file' | 'stream'): Promise<readonly { name: string; source: IpcSource }[]> {
    const bytes = format === 'file' ? fileBytes(batches) : await collect(writeIpcStream(numbers, batches));
    const path = join(folder, `whole.${format}`);
    await writeFile(path, bytes);
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    return [
      { name: 'bytes', source: bytes },
      { name: 'bytes that are not aligned', source: shifted },
      { name: 'a Buffer', source: Buffer.from(bytes) },
      { name: 'a file', source: { path } },
      { name: 'chunks of one byte', source: inChunks(bytes, 1) },
      { name: 'chunks of 13 bytes', source: inChunks(bytes, 13) },
    ];
  }

  it.each(['file', 'stream'] as const)('reads the %s format from every kind of source', async (format) => {
    for (const { name, source } of await sourcesOf(format)) {
      const content = await readIpc(source);
      expect(content.schema.metadata?.get('origin'), name).toBe('test');
      expect(await rows(content), name).toEqual(expected);
    }
  });

  it('refuses a stream wherever it is cut off inside a message', async () => {
    const parts: Uint8Array[] = [];
    for await (const part of writeIpcStream(numbers, batches)) parts.push(part);
    const bytes = Buffer.concat(parts);
    const [schemaEnd = 0, firstEnd = 0, secondEnd = 0] = parts.map((_, last) =>
      parts.slice(0, last + 1).reduce((length, part) => length + part.length, 0),
    );
    // The format lets a stream end without an end mark, but only here.
    const complete = new Map<number, unknown[]>([
      [schemaEnd, []],
      [firstEnd, expected.slice(0, 3)],
      [secondEnd, expected],
    ]);
    for (let length = 1; length < bytes.length; length++) {
      const outcome = complete.get(length) ?? expect.objectContaining({ code: 'invalid_data' });
      for (const source of await cutSources(bytes, length))
        expect(await outcomeOf(source), `${length}`).toEqual(outcome);
    }
  });

  it('refuses a file wherever it is cut off', async () => {
    const bytes = fileBytes(batches);
    for (let length = 1; length < bytes.length; length++) {
      for (const source of await cutSources(bytes, length)) {
        expect(await outcomeOf(source), `${length}`).toMatchObject({ code: 'invalid_data' });
      }
    }
  });

  /** The first bytes in memory, and, for some lengths, in chunks and on disk. */
  async function cutSources(bytes: Uint8Array, length: number): Promise<readonly IpcSource[]> {
    const cut = bytes.slice(0, length);
    const sources: IpcSource[] = [new Uint8Array(cut)];
    if (process.env.MILLRACE_TEST_FULL || length % 5 === 0) sources.push(inChunks(cut, 50));
    if (length % 16 === 0) {
      const path = join(folder, 'cut.arrow');
      await writeFile(path, cut);
      sources.push({ path });
    }
    return sources;
  }

  it('refuses a file whose directory points beyond its end', async () => {
    const bytes = Buffer.from(fileBytes(batches));
    const reader = arrow21.RecordBatchReader.from(new Uint8Array(bytes)).open();
    const place = Buffer.alloc(8);
    place.writeBigInt64LE(BigInt((reader as arrow21.RecordBatchFileReader).footer?.getRecordBatch(1)?.offset ?? -1));
    const entry = bytes.lastIndexOf(place);
    expect(entry).toBeGreaterThan(0);
    bytes.writeBigInt64LE(BigInt(bytes.length + 1_000), entry);
    const path = join(folder, 'beyond.arrow');
    await writeFile(path, bytes);
    for (const source of [new Uint8Array(bytes), { path }]) {
      await expect(outcomeOf(source)).resolves.toMatchObject({ code: 'invalid_data' });
    }
  });

  it('refuses what is not Arrow at all', async () => {
    for (const bytes of [
      new Uint8Array(0),
      Buffer.from('id,name\n1,a\n'),
      Buffer.from('PAR1 and more'),
      new Uint8Array(64),
    ]) {
      await expect(readIpc(bytes)).rejects.toMatchObject({ code: 'invalid_data' });
      await expect(readIpc(inChunks(bytes, 5))).rejects.toMatchObject({ code: 'invalid_data' });
    }
  });

  it('passes errors of the file system and of the source on', async () => {
    await expect(readIpc({ path: join(folder, 'missing.arrow') })).rejects.toMatchObject({ code: 'ENOENT' });
    const bytes = await collect(writeIpcStream(numbers, batches));
    async function* failing() {
      yield bytes.subarray(0, bytes.length - 20);
      throw Object.assign(new Error('connection reset'), { errno: -104 });
    }
    await expect(outcomeOf(failing())).resolves.toMatchObject({ message: 'connection reset' });
  });

  it('reads lazily and releases its source when the loop is left', async () => {
    const many = Array.from({ length: 50 }, (_, n) => batch(Array.from({ length: 2_000 }, () => n)));
    const source = observed(inChunks(await collect(writeIpcStream(numbers, many)), 8_192));
    const content = await readIpc(source.chunks);
    for await (const { numRows } of content.batches) {
      expect(numRows).toBe(2_000);
      break;
    }
    expect(source.state()).toMatchObject({ isReleased: true });
    expect(source.state().pulled).toBeLessThan(10);
  });

  it('releases its source when it is closed without being read', async () => {
    const source = observed(inChunks(await collect(writeIpcStream(numbers, batches)), 600));
    const content = await readIpc(source.chunks);
    await content.close();
    await content.close();
    expect(source.state().isReleased).toBe(true);
    const file = join(folder, 'closed.arrow');
    await writeFile(file, fileBytes(batches));
    await using opened = await readIpc({ path: file });
    expect(opened.schema.fields).toHaveLength(1);
  });

  it('keeps columns of the same name apart', async () => {
    const schema = { fields: [field('a', dataTypes.int32()), field('a', dataTypes.utf8())] };
    const bytes = await collect(writeIpcStream(schema, [batchFromColumns(schema, [[1], ['x']])]));
    expect(await rows(await readIpc(bytes))).toEqual([{ a: 1, a_1: 'x' }]);
  });

  it.each(['lz4.arrow', 'lz4-block-checksums.arrows'])('reads %s', async (name) => {
    expect(await rows(await readIpc({ path: fixture(name) }))).toEqual(compressedRows());
  });

  it('reads ZSTD, or says which Node.js does', async () => {
    const read = readIpc({ path: fixture('zstd.arrow') }).then(rows);
    if ('zstdDecompressSync' in zlib) expect(await read).toEqual(compressedRows());
    else await expect(read).rejects.toMatchObject({ code: 'unsupported', hint: expect.stringContaining('22.15') });
  });

  it('refuses a damaged LZ4 buffer instead of reading other values', async () => {
    const bytes = new Uint8Array(await readFile(fixture('lz4.arrow')));
    const magic = Buffer.from(bytes).indexOf(Uint8Array.of(0x04, 0x22, 0x4d, 0x18));
    bytes[magic + 4] = 0;
    await expect(outcomeOf(bytes)).resolves.toMatchObject({ code: 'invalid_data' });
  });

  it('turns views, which core does not list, into text and binary', async () => {
    const texts = ['short', 'longer than twelve bytes', null, '', 'exactly12byt', 'thirteen byte'];
    const text = new arrow21.Utf8View();
    const list = new arrow21.List(new arrow21.Field('item', new arrow21.BinaryView(), true));
    const views = viewData(text, texts);
    const items = viewData(new arrow21.BinaryView(), texts);
    const lists = arrow21.makeData({
      type: list,
      length: 3,
      valueOffsets: Int32Array.of(0, 2, 2, 6),
      child: items,
    } as never);
    const fields = [new arrow21.Field('t', text, true), new arrow21.Field('l', list, true)];
    const children = [views.slice(0, 3), lists];
    const data = arrow21.makeData({
      type: new arrow21.Struct(fields),
      length: 3,
      nullCount: 0,
      children: children as never,
    });
    const table = new arrow21.Table([new arrow21.RecordBatch(new arrow21.Schema(fields), data as never)]);
    const content = await readIpc(arrow21.tableToIPC(table, 'file'));
    expect(content.schema.fields.map(({ type }) => describeType(type))).toEqual(['utf8', 'list<binary>']);
    const bytes = texts.map((value) => (value === null ? null : new Uint8Array(Buffer.from(value))));
    expect(await rows(content)).toEqual([
      { t: 'short', l: bytes.slice(0, 2) },
      { t: 'longer than twelve bytes', l: [] },
      { t: null, l: bytes.slice(2) },
    ]);
  });
});

function batch(values: readonly (number | null)[]): RecordBatch {
  return batchFromColumns(numbers, [values]);
}

function fileBytes(batches: readonly RecordBatch[]): Uint8Array {
  return arrow21.tableToIPC(adoptTable(numbers, batches), 'file');
}

function viewData(type: arrow21.Utf8View | arrow21.BinaryView, values: readonly (string | null)[]): arrow21.Data {
  const views = new DataView(new ArrayBuffer(values.length * 16));
  const heap = Buffer.from(values.filter((value) => value !== null && value.length > 12).join(''));
  const nullBitmap = Uint8Array.of(values.reduce((bits, value, row) => bits | (value === null ? 0 : 1 << row), 0));
  for (const [row, value] of values.entries()) {
    views.setInt32(row * 16, value?.length ?? 99, true);
    if (value === null) continue;
    if (value.length <= 12) new Uint8Array(views.buffer).set(Buffer.from(value), row * 16 + 4);
    else views.setInt32(row * 16 + 12, heap.indexOf(value), true);
  }
  return arrow21.makeData({
    type: type as arrow21.Utf8View,
    length: values.length,
    nullBitmap,
    views: new Uint8Array(views.buffer),
    variadicBuffers: [new Uint8Array(heap)],
  } as never);
}

async function literals(content: IpcContent): Promise<LiteralLike[]> {
  const all: LiteralLike[] = [];
  for await (const { numRows, data } of content.batches) {
    const [column] = data.children;
    if (!column) throw new TypeError('the batch has no column');
    const read = createLiteralReader(column);
    for (let row = 0; row < numRows; row++) all.push(read(row));
  }
  return all;
}

async function rows(content: IpcContent): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const part of content.batches) all.push(...rowsFromBatch(part));
  return all;
}

/** The rows, or the error. */
async function outcomeOf(source: IpcSource): Promise<unknown> {
  try {
    return await rows(await readIpc(source));
  } catch (error) {
    return error;
  }
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

function observed(chunks: AsyncGenerator<Uint8Array, void, undefined>) {
  let pulled = 0;
  let isReleased = false;
  async function* watch() {
    try {
      for await (const chunk of chunks) {
        pulled++;
        yield chunk;
      }
    } finally {
      isReleased = true;
    }
  }
  return { chunks: watch(), state: () => ({ pulled, isReleased }) };
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return new Uint8Array(Buffer.concat(parts));
}

function fixture(name: string): string {
  return fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
}

function compressedRows(): unknown[] {
  return Array.from({ length: 20_000 }, (_, row) => ({ n: row % 7 === 3 ? null : row % 1_000, b: row % 3 === 0 }));
}
