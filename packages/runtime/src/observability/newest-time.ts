import { type Breather, createLiteralReader } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';
import type { TimeColumn } from '../acceleration/time-column.ts';
import type { TimeValue } from '../acceleration/time-scale.ts';

/** Rows that are looked at between two looks at the clock. */
const WINDOW_ROWS = 4_096;

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

  /** @throws MillraceError `cancelled`. */
  async observe({ data, numRows }: RecordBatch, breather: Breather): Promise<void> {
    const values = this.#column && data.children[this.#column.ordinal];
    if (!this.#column || !values) return;
    const { scale } = this.#column;
    const read = createLiteralReader(values);
    for (let row = 0; row < numRows; row += 1) {
      if (row % WINDOW_ROWS === 0) await breather.breathe();
      const value = scale.read(read(row));
      if (value !== undefined && (this.#value === undefined || scale.isAbove(value, this.#value))) this.#value = value;
    }
  }
}
