import type { ColumnData, DataType } from '@millrace/core';
import type { RowRun, ValueSource } from '../row-run.ts';
import { appendEach, type ColumnDecoder } from './column-decoder.ts';
import type { ReportUnfit } from './column-problem.ts';
import { NullMask } from './null-mask.ts';

/** What a list's items need. */
export interface ListDecoderRequest {
  readonly type: DataType;
  readonly item: ColumnDecoder;
  /** Dimensions that the column declares, at least 1; `item` decodes what is inside the innermost one. */
  readonly dimensions: number;
  /** The server's type of an item; another one means that the table was changed. */
  readonly itemOid: number;
  readonly report: ReportUnfit;
}

/**
 * An array, with as many list levels as its declaration has dimensions. PostgreSQL does not hold values to the declaration, so a value of
 * other dimensions is reported; lower bounds other than 1 are not kept.
 *
 * Source: `array_send` in src/backend/utils/adt/arrayfuncs.c: int32 dimensions, has-nulls flag, item type; a length and a lower bound
 * for each dimension; then the items.
 */
export class ListDecoder implements ColumnDecoder {
  readonly #request: ListDecoderRequest;
  readonly #levels: readonly ListLevel[];

  constructor(request: ListDecoderRequest) {
    this.#request = request;
    const levels: ListLevel[] = [];
    let { type } = request;
    for (let level = 0; level < request.dimensions; level += 1) {
      levels.push(new ListLevel(type));
      type = type.children![0]!.type;
    }
    this.#levels = levels;
  }

  get byteCount(): number {
    return this.#request.item.byteCount + this.#levels.reduce((sum, level) => sum + level.itemCount * 8, 0);
  }

  append(source: ValueSource, start: number): void {
    const { dimensions, itemOid, report } = this.#request;
    const { view } = source;
    const given = view.getInt32(start);
    if (given === 0) {
      this.#levels[0]!.close(0);
      return;
    }
    if (given !== dimensions) {
      report(`an array of ${given} dimensions where ${dimensions} ${dimensions === 1 ? 'is' : 'are'} declared`);
    }
    if (view.getUint32(start + 8) !== itemOid) report('an array of another item type than the one planned with');
    const lengths = Array.from({ length: given }, (_, level) => view.getInt32(start + 12 + level * 8));
    this.#appendLevel(source, start + 12 + given * 8, lengths, 0);
  }

  appendNull(): void {
    this.#levels[0]!.appendNull();
  }

  appendRun(run: RowRun, column: number): void {
    appendEach(this, run, column);
  }

  finish(): ColumnData {
    let column = this.#request.item.finish();
    for (const level of [...this.#levels].reverse()) column = level.finish(column);
    return column;
  }

  /** Appends one list of a level and gives the position behind its items. */
  #appendLevel(source: ValueSource, start: number, lengths: readonly number[], level: number): number {
    const count = lengths[level]!;
    let at = start;
    if (level + 1 < lengths.length) {
      for (let index = 0; index < count; index += 1) at = this.#appendLevel(source, at, lengths, level + 1);
    } else {
      const { item } = this.#request;
      for (let index = 0; index < count; index += 1) {
        const length = source.view.getInt32(at);
        at += 4;
        if (length < 0) item.appendNull();
        else item.append(source, at, length);
        at += Math.max(length, 0);
      }
    }
    this.#levels[level]!.close(count);
    return at;
  }
}

/** Offsets and nulls of one level of lists. */
class ListLevel {
  readonly #type: DataType;
  readonly #nulls: NullMask = new NullMask();
  #offsets: Int32Array = new Int32Array(257);
  #length = 0;
  itemCount = 0;

  constructor(type: DataType) {
    this.#type = type;
  }

  /** Ends a list of so many items. */
  close(count: number): void {
    this.itemCount += count;
    this.#length += 1;
    if (this.#length >= this.#offsets.length) {
      const grown = new Int32Array(this.#offsets.length * 2);
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
    this.#offsets[this.#length] = this.itemCount;
  }

  appendNull(): void {
    this.#nulls.markNull(this.#length);
    this.close(0);
  }

  finish(items: ColumnData): ColumnData {
    const length = this.#length;
    const valueOffsets = this.#offsets.subarray(0, length + 1);
    this.#offsets = new Int32Array(this.#offsets.length);
    this.#length = 0;
    this.itemCount = 0;
    return { type: this.#type, length, offset: 0, ...this.#nulls.finish(length), valueOffsets, children: [items] };
  }
}
