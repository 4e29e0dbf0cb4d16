import type { ColumnData, DataType } from '@millrace/core';
import type { RowRun, ValueSource } from '../row-run.ts';
import { appendEach, type ColumnDecoder } from './column-decoder.ts';
import type { ReportUnfit } from './column-problem.ts';
import { NullMask } from './null-mask.ts';

/** What a composite's members need. */
export interface StructDecoderRequest {
  readonly type: DataType;
  readonly members: readonly { readonly decoder: ColumnDecoder; readonly oid: number }[];
  readonly report: ReportUnfit;
}

/**
 * A composite value.
 *
 * Source: `record_send` in src/backend/utils/adt/rowtypes.c: int32 count of members, then type, length and bytes of each.
 */
export class StructDecoder implements ColumnDecoder {
  readonly #request: StructDecoderRequest;
  readonly #nulls: NullMask = new NullMask();
  #length = 0;

  constructor(request: StructDecoderRequest) {
    this.#request = request;
  }

  get byteCount(): number {
    return this.#request.members.reduce((sum, { decoder }) => sum + decoder.byteCount, 0);
  }

  append(source: ValueSource, start: number): void {
    const { members, report } = this.#request;
    const { view } = source;
    if (view.getInt32(start) !== members.length) report('a composite of other members than those planned with');
    let at = start + 4;
    for (const { decoder, oid } of members) {
      if (view.getUint32(at) !== oid) report('a composite of other members than those planned with');
      const length = view.getInt32(at + 4);
      at += 8;
      if (length < 0) decoder.appendNull();
      else decoder.append(source, at, length);
      at += Math.max(length, 0);
    }
    this.#length += 1;
  }

  appendNull(): void {
    this.#nulls.markNull(this.#length);
    for (const { decoder } of this.#request.members) decoder.appendNull();
    this.#length += 1;
  }

  appendRun(run: RowRun, column: number): void {
    appendEach(this, run, column);
  }

  finish(): ColumnData {
    const length = this.#length;
    this.#length = 0;
    const children = this.#request.members.map(({ decoder }) => decoder.finish());
    return { type: this.#request.type, length, offset: 0, ...this.#nulls.finish(length), children };
  }
}
