import type { ColumnData, DataType } from '@millrace/core';
import type { RowRun, ValueSource } from '../row-run.ts';
import { appendEach, type ColumnDecoder } from './column-decoder.ts';
import { NullMask } from './null-mask.ts';

/** The arrays that fixed-width values are collected in. */
export type FixedValues = Int16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

type FixedConstructor<Values> = new (length: number) => Values;

/** Rows of the first room: a look-up has few, and pays for what it does not fill. */
const FIRST_CAPACITY = 64;

/**
 * Collects values of a fixed width of `stride` elements. Subclasses write one value; those that make up most of real tables also bring a
 * loop of their own, because a loop that is shared by many kinds calls each of them slowly.
 */
export abstract class FixedDecoder<Values extends FixedValues> implements ColumnDecoder {
  readonly #type: DataType;
  readonly #create: FixedConstructor<Values>;
  readonly #stride: number;
  #capacity = 0;
  /** Rows that room is made for when the first one comes. */
  #expected = FIRST_CAPACITY;
  protected values: Values;
  protected length = 0;
  protected readonly nulls: NullMask = new NullMask();

  constructor(type: DataType, create: FixedConstructor<Values>, stride: number) {
    this.#type = type;
    this.#create = create;
    this.#stride = stride;
    this.values = new create(0);
  }

  get byteCount(): number {
    return 0;
  }

  /** Writes the value as row `row`. */
  protected abstract write(source: ValueSource, start: number, row: number, length: number): void;

  append(source: ValueSource, start: number, length: number): void {
    this.reserve(1);
    this.write(source, start, this.length, length);
    this.length += 1;
  }

  appendNull(): void {
    this.reserve(1);
    this.nulls.markNull(this.length);
    this.length += 1;
  }

  appendRun(run: RowRun, column: number): void {
    appendEach(this, run, column);
  }

  /** Makes room for so many further rows. */
  protected reserve(rowCount: number): void {
    const needed = this.length + rowCount;
    if (needed <= this.#capacity) return;
    this.#capacity = Math.max(needed, this.#capacity * 2, this.#expected);
    const grown = new this.#create(this.#capacity * this.#stride);
    grown.set(this.values.subarray(0, this.length * this.#stride));
    this.values = grown;
  }

  finish(): ColumnData {
    const { length } = this;
    const values = this.values.subarray(0, length * this.#stride);
    this.length = 0;
    this.#expected = Math.max(this.#expected, this.#capacity);
    this.#capacity = 0;
    this.values = new this.#create(0);
    return { type: this.#type, length, offset: 0, ...this.nulls.finish(length), values, children: [] };
  }
}
