import type { ColumnData, DataType } from '@millrace/core';
import type { ColumnDecoder } from './column-decoder.ts';
import { lengthSize, readLength } from './length-encoding.ts';
import { NullBitmap } from './null-bitmap.ts';

/** ENUM: sent as text, stored as the index of a dictionary that is the same in every batch. */
export class EnumDecoder implements ColumnDecoder {
  readonly #type: DataType;
  readonly #dictionary: ColumnData;
  readonly #indexOf: ReadonlyMap<string, number>;
  readonly #onUnknownMember: () => never;
  readonly #nulls: NullBitmap = new NullBitmap();
  #indices: Uint16Array = new Uint16Array(0);

  /** @param onUnknownMember throws for a value that is no member: the type was changed meanwhile. */
  constructor(type: DataType, members: readonly string[], onUnknownMember: () => never) {
    this.#type = type;
    this.#onUnknownMember = onUnknownMember;
    this.#dictionary = textColumn(type.dictionary ?? type, members);
    // Bytes are looked up as Latin-1, which is the cheapest text that keeps them apart.
    this.#indexOf = new Map(members.map((member, index) => [Buffer.from(member, 'utf8').toString('latin1'), index]));
  }

  get byteLength(): number {
    return 0;
  }

  reset(capacity: number): void {
    this.#indices = new Uint16Array(capacity);
    this.#nulls.reset(capacity);
  }

  read(buffer: Buffer, position: number, row: number): number {
    const start = position + lengthSize(buffer[position]!);
    const end = start + readLength(buffer, position);
    this.#indices[row] = this.#indexOf.get(buffer.toString('latin1', start, end)) ?? this.#onUnknownMember();
    return end;
  }

  readNull(row: number): void {
    this.#nulls.markNull(row);
  }

  finish(rowCount: number): ColumnData {
    return {
      type: this.#type,
      length: rowCount,
      offset: 0,
      ...this.#nulls.finish(rowCount),
      values: this.#indices.subarray(0, rowCount),
      children: [],
      dictionary: { data: [this.#dictionary] },
    };
  }
}

function textColumn(type: DataType, texts: readonly string[]): ColumnData {
  const encoded = texts.map((text) => Buffer.from(text, 'utf8'));
  const valueOffsets = new Int32Array(texts.length + 1);
  for (const [index, bytes] of encoded.entries()) valueOffsets[index + 1] = valueOffsets[index]! + bytes.length;
  return {
    type,
    length: texts.length,
    offset: 0,
    nullCount: 0,
    values: Buffer.concat(encoded),
    valueOffsets,
    children: [],
  };
}
