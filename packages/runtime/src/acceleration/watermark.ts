import { type Breather, createLiteralReader } from '@millrace/arrow';
import { MillraceError, type RecordBatch } from '@millrace/core';
import type { TimeColumn } from './time-column.ts';
import type { TimeValue } from './time-scale.ts';

/** Rows that are looked at between two looks at the clock. */
const WINDOW_ROWS = 4_096;

/** The greatest time of the rows that have been seen, this refresh's and those before it. */
export class Watermark {
  readonly #component: string;
  readonly #column: TimeColumn;
  #value: TimeValue | undefined;
  #form: string | undefined;

  /** `text` is that of an earlier refresh. */
  constructor(source: { readonly component: string; readonly column: TimeColumn; readonly text?: string | undefined }) {
    const { component, column, text } = source;
    this.#component = component;
    this.#column = column;
    this.#value = text === undefined ? undefined : column.scale.fromText(text);
    this.#form = this.#value === undefined ? undefined : column.scale.formOf?.(this.#value);
  }

  /** As a checkpoint keeps it; undefined as long as no row has a time. */
  get text(): string | undefined {
    return this.#value === undefined ? undefined : this.#column.scale.toText(this.#value);
  }

  /**
   * @throws MillraceError `invalid_data` for texts that are no ISO 8601 times of one form: they would not sort as their times do;
   * `cancelled`.
   */
  async observe(batch: RecordBatch, breather: Breather): Promise<void> {
    const column = batch.data.children[this.#column.ordinal];
    if (!column) throw new TypeError('a batch lacks the time column');
    const { scale } = this.#column;
    const read = createLiteralReader(column);
    for (let row = 0; row < batch.numRows; row += 1) {
      if (row % WINDOW_ROWS === 0) await breather.breathe();
      const value = scale.read(read(row));
      if (value === undefined) continue;
      if (scale.formOf) this.#checkForm(scale.formOf(value));
      if (this.#value === undefined || scale.isAbove(value, this.#value)) this.#value = value;
    }
  }

  #checkForm(form: string | undefined): void {
    if (form !== undefined && (this.#form === undefined || this.#form === form)) {
      this.#form = form;
      return;
    }
    const { name } = this.#column.field;
    throw new MillraceError({
      code: 'invalid_data',
      component: this.#component,
      message:
        form === undefined
          ? `the time column ${name} has a text that is no ISO 8601 date or time`
          : `the time column ${name} has ISO 8601 texts of several forms, which do not sort as their times do`,
      hint: 'Turn the column into a timestamp in refresh_sql, for example with CAST(… AS TIMESTAMPTZ), or use `refresh_mode: full`.',
    });
  }
}
