import type { ColumnData, DataType } from '@millrace/core';
import type { RowRun, ValueSource } from '../row-run.ts';
import type { ColumnDecoder } from './column-decoder.ts';
import { NullMask } from './null-mask.ts';

/**
 * How the value comes from the server's bytes: as they are, without the padding of char(n), behind jsonb's version, as the text of the 16
 * bytes of a uuid, or as the one character of "char", which is empty for a zero.
 */
export type BytesForm = 'plain' | 'padded' | 'versioned' | 'uuid' | 'character';

const SPACE = 0x20;
const DASH = 0x2d;
const HEX = '0123456789abcdef';
/** Up to this length a loop copies faster than a call. */
const SHORT = 40;
/** Rows and bytes of the first room: a look-up has few, and pays for what it does not fill. */
const FIRST_ROWS = 64;
const FIRST_BYTES = 1_024;

/** text, bytea and everything else whose binary form is its bytes. */
export class BytesDecoder implements ColumnDecoder {
  readonly #type: DataType;
  readonly #form: BytesForm;
  #offsets: Int32Array = new Int32Array(1);
  #bytes: Uint8Array = new Uint8Array(0);
  /** What room is made for when the first row, and the first byte, comes. */
  #expectedRows = FIRST_ROWS;
  #expectedBytes = FIRST_BYTES;
  #length = 0;
  #byteCount = 0;
  readonly #nulls: NullMask = new NullMask();

  constructor(type: DataType, form: BytesForm) {
    this.#type = type;
    this.#form = form;
  }

  get byteCount(): number {
    return this.#byteCount;
  }

  append(source: ValueSource, start: number, length: number): void {
    this.#reserveRows(1);
    this.#copy(source.bytes, start, length);
    this.#length += 1;
    this.#offsets[this.#length] = this.#byteCount;
  }

  appendNull(): void {
    this.#reserveRows(1);
    this.#nulls.markNull(this.#length);
    this.#length += 1;
    this.#offsets[this.#length] = this.#byteCount;
  }

  appendRun({ bytes, starts, lengths, stride, rowCount }: RowRun, column: number): void {
    this.#reserveRows(rowCount);
    const offsets = this.#offsets;
    let target = this.#length;
    for (let row = column * stride; row < column * stride + rowCount; row += 1) {
      const length = lengths[row]!;
      if (length < 0) this.#nulls.markNull(target);
      else this.#copy(bytes, starts[row]!, length);
      target += 1;
      offsets[target] = this.#byteCount;
    }
    this.#length = target;
  }

  finish(): ColumnData {
    const length = this.#length;
    const valueOffsets = this.#offsets.subarray(0, length + 1);
    const values = this.#bytes.subarray(0, this.#byteCount);
    this.#expectedRows = Math.max(this.#expectedRows, this.#offsets.length);
    this.#expectedBytes = Math.max(FIRST_BYTES, this.#byteCount + (this.#byteCount >> 3));
    this.#offsets = new Int32Array(1);
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
    this.#byteCount = 0;
    return { type: this.#type, length, offset: 0, ...this.#nulls.finish(length), values, valueOffsets, children: [] };
  }

  #copy(source: Uint8Array, start: number, length: number): void {
    let from = start;
    let end = start + length;
    switch (this.#form) {
      case 'plain':
        break;
      case 'padded':
        while (end > from && source[end - 1] === SPACE) end -= 1;
        break;
      case 'versioned':
        from += 1;
        break;
      case 'uuid':
        this.#writeUuid(source, start);
        return;
      case 'character':
        if (source[start]! >= 0x80) {
          this.#writeOctal(source[start]!);
          return;
        }
        if (source[start] === 0) end = from;
        break;
      default:
        this.#form satisfies never;
    }
    const count = end - from;
    if (this.#byteCount + count > this.#bytes.length) this.#growBytes(count);
    const target = this.#bytes;
    let at = this.#byteCount;
    if (count <= SHORT) {
      for (let index = from; index < end; index += 1, at += 1) target[at] = source[index]!;
    } else {
      target.set(source.subarray(from, end), at);
    }
    this.#byteCount += count;
  }

  #writeUuid(source: Uint8Array, start: number): void {
    if (this.#byteCount + 36 > this.#bytes.length) this.#growBytes(36);
    const target = this.#bytes;
    let at = this.#byteCount;
    for (let index = 0; index < 16; index += 1) {
      if (index === 4 || index === 6 || index === 8 || index === 10) target[at++] = DASH;
      const byte = source[start + index]!;
      target[at++] = HEX.charCodeAt(byte >> 4);
      target[at++] = HEX.charCodeAt(byte & 15);
    }
    this.#byteCount = at;
  }

  /** A byte that is no character, as the server writes it: a backslash and three octal digits. */
  #writeOctal(byte: number): void {
    this.#copy(Buffer.from(`\\${byte.toString(8)}`), 0, 4);
  }

  #growBytes(count: number): void {
    const grown = new Uint8Array(Math.max(this.#byteCount + count, this.#bytes.length * 2, this.#expectedBytes));
    grown.set(this.#bytes.subarray(0, this.#byteCount));
    this.#bytes = grown;
  }

  #reserveRows(count: number): void {
    const needed = this.#length + count + 1;
    if (needed <= this.#offsets.length) return;
    const grown = new Int32Array(Math.max(needed, this.#offsets.length * 2, this.#expectedRows));
    grown.set(this.#offsets);
    this.#offsets = grown;
  }
}
