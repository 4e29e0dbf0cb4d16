import { createLiteralReader } from '@millrace/arrow';
import { dataTypes, field, type RecordBatch } from '@millrace/core';
import { expect, test } from 'vitest';
import { BatchDecoder } from './batch-decoder.ts';
import { createDecoder } from './create-decoder.ts';
import { MessageReader } from './message-reader.ts';
import type { WireType } from './wire-type.ts';

const WIRES: readonly WireType[] = [
  { kind: 'int32', oid: 23 },
  { kind: 'bytes', oid: 25, form: 'plain', type: dataTypes.utf8() },
];

function dataRow(values: readonly (Buffer | null)[]): Buffer {
  const fields = values.flatMap((value) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(value?.length ?? -1);
    return value === null ? [length] : [length, value];
  });
  const body = Buffer.concat([Buffer.from([0, values.length]), ...fields]);
  return message('D', body);
}

function message(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.write(type, 0, 'latin1');
  header.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Rows with nulls, empty and long texts, between messages that belong to the driver. */
const ROWS: readonly (readonly [number | null, string | null])[] = Array.from({ length: 9 }, (_, index) => [
  index % 4 === 3 ? null : index * 1000 - 4000,
  index % 3 === 2 ? null : 'čau '.repeat(index * 5),
]);
const ANSWER = Buffer.concat([
  message('1', Buffer.alloc(0)),
  message('2', Buffer.alloc(0)),
  ...ROWS.slice(0, 5).map(toRow),
  message('N', Buffer.from('SNOTICE\0\0')),
  ...ROWS.slice(5).map(toRow),
  message('C', Buffer.from('SELECT 9\0')),
  message('Z', Buffer.from('I')),
]);

function toRow([number, text]: readonly [number | null, string | null]): Buffer {
  return dataRow([number === null ? null : int32(number), text === null ? null : Buffer.from(text)]);
}

function read(pieces: readonly Uint8Array[], rowCount: number) {
  const batches: RecordBatch[] = [];
  const others: string[] = [];
  const decoder = new BatchDecoder({
    schema: { fields: [field('n', dataTypes.int32()), field('t', dataTypes.utf8())] },
    decoders: WIRES.map((wire) => createDecoder(wire, expect.fail)),
    size: { rowCount, byteCount: 1_000_000 },
    onBatch: (batch) => batches.push(batch),
  });
  const reader = new MessageReader({
    decoder,
    wireColumnCount: WIRES.length,
    onOther: (bytes) => others.push(String.fromCharCode(bytes[0]!)),
  });
  for (const piece of pieces) reader.push(piece);
  decoder.flush();
  const rows = batches.flatMap((batch) => {
    const [numbers, texts] = batch.data.children.map(createLiteralReader);
    return Array.from({ length: batch.numRows }, (_, row) => [numbers!(row), texts!(row)]);
  });
  return { rows, others, sizes: batches.map(({ numRows }) => numRows) };
}

test('rows and messages are the same wherever the answer is split in two', () => {
  for (let at = 0; at <= ANSWER.length; at += 1) {
    const { rows, others } = read([ANSWER.subarray(0, at), ANSWER.subarray(at)], 1000);
    expect([at, rows]).toEqual([at, ROWS]);
    expect([at, others]).toEqual([at, ['1', '2', 'N', 'C', 'Z']]);
  }
});

test('rows are the same in pieces of any size', () => {
  for (const size of [1, 2, 3, 5, 7, 64]) {
    const pieces = Array.from({ length: Math.ceil(ANSWER.length / size) }, (_, index) =>
      ANSWER.subarray(index * size, (index + 1) * size),
    );
    expect(read(pieces, 1000).rows).toEqual(ROWS);
  }
});

test('a batch ends at the number of rows wanted', () => {
  const { rows, sizes } = read([ANSWER], 4);
  expect(rows).toEqual(ROWS);
  expect(sizes).toEqual([4, 4, 1]);
});
