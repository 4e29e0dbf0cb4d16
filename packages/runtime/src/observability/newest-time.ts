import { createLiteralReader } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';
import type { TimeColumn } from '../acceleration/time-column.ts';
import type { TimeValue } from '../acceleration/time-scale.ts';

/** The greatest time of the rows that have been seen, where no refresh depends on it. Of texts it is not known, as reading them takes long. */
export class NewestTime {
  readonly #column: TimeColumn | undefined;
  #value: TimeValue | undefined;

  constructor(column: TimeColumn | undefined) {
    this.#column = column?.format === 'ISO8601' ? undefined : column;
  }

  /** Milliseconds since 1970-01-01 UTC; undefined where no row has a time. */
  get instantMs(): number | undefined {
    return this.#value === undefined ? undefined : this.#column?.scale.instantOf(this.#value);
  }

  observe({ data, numRows }: RecordBatch): void {
    const values = this.#column && data.children[this.#column.ordinal];
    if (!this.#column || !values) return;
    const { scale } = this.#column;
    const read = createLiteralReader(values);
    for (let row = 0; row < numRows; row += 1) {
      const value = scale.read(read(row));
      if (value !== undefined && (this.#value === undefined || scale.isAbove(value, this.#value))) this.#value = value;
    }
  }
}
