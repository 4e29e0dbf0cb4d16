import { createLiteralReader } from '@millrace/arrow';
import { dataTypes } from '@millrace/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDecoder } from '../wire/create-decoder.ts';
import type { WireType } from '../wire/wire-type.ts';
import type { CopyColumn } from './copy-column.ts';
import { CopyEncoder } from './copy-encoder.ts';
import { createWriter } from './create-writer.ts';

const report = (what: string): never => {
  throw new Error(what);
};

/** Rows of columns as the stream that the server gets, without signature and message heads. */
function encode(columns: readonly CopyColumn[], rowCount: number): { readonly rows: Buffer; readonly pieces: number } {
  const writers = columns.map((column) => createWriter(column, report));
  const encoder = new CopyEncoder();
  const parts: Buffer[] = [];
  let free: Buffer | undefined;
  for (let row = 0; row < rowCount; ) {
    const { buffer, byteCount, nextRow } = encoder.encode(writers, { start: row, end: rowCount }, free);
    expect(buffer.readInt32BE(1)).toBe(byteCount - 1);
    const head = row === 0 ? 24 : 5;
    parts.push(Buffer.from(buffer.subarray(head, byteCount)));
    free = buffer;
    row = nextRow;
  }
  return { rows: Buffer.concat(parts), pieces: parts.length };
}

/** What the decoders of scans read from such a stream, column by column. */
function decode(rows: Buffer, wires: readonly WireType[]): unknown[][] {
  const decoders = wires.map((wire) => createDecoder(wire, report));
  const view = new DataView(rows.buffer, rows.byteOffset, rows.length);
  for (let at = 0; at < rows.length; ) {
    expect(rows.readInt16BE(at)).toBe(wires.length);
    at += 2;
    for (const decoder of decoders) {
      const length = rows.readInt32BE(at);
      at += 4;
      if (length < 0) decoder.appendNull();
      else decoder.append({ bytes: rows, view }, at, length);
      at += Math.max(length, 0);
    }
  }
  return decoders.map((decoder) => {
    const column = decoder.finish();
    const read = createLiteralReader(column);
    return Array.from({ length: column.length }, (_, row) => read(row));
  });
}

function validityOf(values: readonly unknown[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  for (const [row, value] of values.entries()) if (value !== null) bits[row >> 3]! |= 1 << (row & 7);
  return bits;
}

function wordsOf(value: bigint, words: Uint32Array, row: number): void {
  let rest = BigInt.asUintN(128, value);
  for (let word = 0; word < 4; word += 1, rest >>= 32n) words[row * 4 + word] = Number(rest & 0xffff_ffffn);
}

const LIMIT = 10n ** 38n - 1n;
const unscaled = fc.oneof(
  fc.bigInt({ min: -LIMIT, max: LIMIT }),
  fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
  fc.constantFrom(0n, 1n, -1n, 9_999n, 10_000n, -10_000n, LIMIT, -LIMIT, 2n ** 64n, -(2n ** 64n), 2n ** 53n),
);

describe('binary COPY', () => {
  test('decimals of any scale come back as they were', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(unscaled), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 0, max: 38 }),
        (values, scale) => {
          const words = new Uint32Array(values.length * 4);
          for (const [row, value] of values.entries()) wordsOf(value ?? 0n, words, row);
          const column: CopyColumn = {
            kind: 'numeric',
            words,
            wordCount: 4,
            sign: 'signed',
            scale,
            validity: validityOf(values),
          };
          const { rows } = encode([column], values.length);
          expect(decode(rows, [{ kind: 'decimal', oid: 1700, precision: 38, scale }])).toEqual([values]);
        },
      ),
    );
  });

  test('numbers, times, texts and nulls come back as they were, whatever the lengths of rows and pieces', () => {
    const row = fc.record({
      small: fc.option(fc.integer({ min: -32_768, max: 32_767 })),
      integer: fc.option(fc.maxSafeInteger()),
      days: fc.option(fc.integer({ min: -2_440_588, max: 3_000_000 })),
      micros: fc.option(fc.bigInt({ min: -200_000_000_000_000_000n, max: 2n ** 62n })),
      text: fc.option(fc.oneof(fc.string(), fc.constant('x'.repeat(30_000)))),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 60 }), (values) => {
        const of = <Key extends keyof (typeof values)[number]>(key: Key) => values.map((value) => value[key]);
        const bigs = (numbers: readonly (bigint | number | null)[]) =>
          new Int32Array(BigInt64Array.from(numbers, (value) => BigInt(value ?? 0)).buffer);
        const texts = of('text').map((text) => Buffer.from(text ?? ''));
        const offsets = new Int32Array(values.length + 1);
        for (const [index, { length }] of texts.entries()) offsets[index + 1] = offsets[index]! + length;
        const columns: CopyColumn[] = [
          {
            kind: 'int16',
            values: Int16Array.from(of('small'), (value) => value ?? 7),
            validity: validityOf(of('small')),
          },
          { kind: 'int64', lanes: bigs(of('integer')), validity: validityOf(of('integer')) },
          {
            kind: 'date',
            values: Int32Array.from(of('days'), (value) => value ?? 7),
            validity: validityOf(of('days')),
          },
          { kind: 'timestamp', lanes: bigs(of('micros')), validity: validityOf(of('micros')) },
          { kind: 'bytes', offsets, bytes: Buffer.concat(texts), validity: validityOf(of('text')) },
        ];
        const { rows } = encode(columns, values.length);
        const wires: WireType[] = [
          { kind: 'int16', oid: 21 },
          { kind: 'int64', oid: 20, type: dataTypes.int64() },
          { kind: 'date', oid: 1082 },
          { kind: 'timestamp', oid: 1114, type: dataTypes.timestamp() },
          { kind: 'bytes', oid: 25, form: 'plain', type: dataTypes.utf8() },
        ];
        const expected = [
          of('small'),
          of('integer').map((value) => (value === null ? null : BigInt(value))),
          of('days'),
          of('micros'),
          of('text'),
        ];
        expect(decode(rows, wires)).toEqual(expected);
      }),
    );
  });

  test('pieces stay near their size when rows become long, and one row may be longer', () => {
    const texts = [
      ...Array.from({ length: 3_000 }, () => 'x'),
      ...Array.from({ length: 200 }, () => 'x'.repeat(20_000)),
    ];
    const offsets = new Int32Array(texts.length + 1);
    for (const [index, { length }] of texts.entries()) offsets[index + 1] = offsets[index]! + length;
    const column: CopyColumn = {
      kind: 'bytes',
      offsets,
      bytes: Buffer.from(texts.join('')),
      validity: undefined,
    };
    const { rows, pieces } = encode([column], texts.length);
    expect(rows.length / pieces).toBeLessThan(200_000);
    expect(decode(rows, [{ kind: 'bytes', oid: 25, form: 'plain', type: dataTypes.utf8() }])).toEqual([texts]);
  });

  test('what no date or timestamp of the server can be is reported', () => {
    const days = (value: number): CopyColumn => ({ kind: 'date', values: Int32Array.of(value), validity: undefined });
    const micros = (value: bigint): CopyColumn => ({
      kind: 'timestamp',
      lanes: new Int32Array(BigInt64Array.of(value).buffer),
      validity: undefined,
    });
    for (const column of [days(-2_440_589), days(-(2 ** 31)), micros(-(2n ** 63n)), micros(-(2n ** 60n))])
      expect(() => encode([column], 1)).toThrow(/4714 BC/);
  });
});
