import type { BuildValue } from '@millrace/arrow';
import type { ChangeType } from '@millrace/core';
import { type Change, KeyedRows, keyAlone } from './change-rows.ts';
import { moment } from './events.ts';
import type { RandomNumbers } from './random-numbers.ts';
import type { SourceRows } from './write-rows.ts';

/** Twice as many keys, by the text: few, so that they come again. */
const KEY_COUNT = 40;
/** Most rows, so that some key is always free. */
const MAX_ROWS = 50;
const KEY_LENGTH = 2;

/**
 * A table at a source that changes at random, and tells its changes in the forms in which sources tell them: with images or without, whole rows that are gone
 * or keys alone. Its columns are a key of a number and a text, a code that no two rows share, a decimal, a moment and a truth value, all but the key at times missing.
 */
export class ChangingSource {
  readonly #random: RandomNumbers;
  #rows = new KeyedRows([], KEY_LENGTH);
  #before: SourceRows = [];
  #operationCount = 0;
  #codeCount = 0;

  constructor(random: RandomNumbers) {
    this.#random = random;
  }

  /** Operations so far; one may be told as two changes. */
  get operationCount(): number {
    return this.#operationCount;
  }

  get rows(): SourceRows {
    return this.#rows.all;
  }

  /** The rows before the last run. */
  get before(): SourceRows {
    return this.#before;
  }

  /** Runs so many operations. @returns their changes. */
  run(count: number): readonly Change[] {
    this.#before = this.rows;
    const changes: Change[] = [];
    for (let left = count; left > 0; left -= 1) {
      const operation = this.#operate();
      this.#rows.apply(operation);
      changes.push(...operation);
      this.#operationCount += 1;
    }
    return changes;
  }

  #operate(): readonly Change[] {
    const random = this.#random;
    const { all } = this.#rows;
    const known = all[random.below(all.length || 1)];
    const kind = random.below(100);
    if (kind === 0) return [['truncate', Array.from({ length: 6 }, () => null)]];
    if (kind < 5) return [['delete', keyAlone(this.#freeRow(), KEY_LENGTH)]];
    if (known === undefined || (kind < 40 && all.length < MAX_ROWS)) return [['insert', this.#freeRow()]];
    if (kind < 60) return [['delete', this.#gone(known)]];
    if (kind < 85) return this.#replace(known, this.#rowOf(known[0]!, known[1]!, known));
    const other = this.#freeRow();
    return this.#replace(known, [...other.slice(0, KEY_LENGTH), ...known.slice(KEY_LENGTH)]);
  }

  /** An update, of the key as well where the rows have different ones. */
  #replace(from: readonly BuildValue[], to: readonly BuildValue[]): readonly Change[] {
    const isSameKey = from[0] === to[0] && from[1] === to[1];
    const form = this.#random.below(3);
    if (isSameKey && form === 0) return [['update_postimage', to]];
    const [gone, there]: readonly [ChangeType, ChangeType] =
      form === 1 ? ['update_preimage', 'update_postimage'] : ['delete', 'insert'];
    return [
      [gone, this.#gone(from)],
      [there, to],
    ];
  }

  #gone(row: readonly BuildValue[]): readonly BuildValue[] {
    return this.#random.below(2) === 0 ? row : keyAlone(row, KEY_LENGTH);
  }

  /** A row whose key is not there. Keys go through others again and again. */
  #freeRow(): readonly BuildValue[] {
    for (;;) {
      // Beyond 2^53, where numbers of JavaScript would take two keys for one.
      const row = this.#rowOf(
        2n ** 53n + BigInt(this.#random.below(KEY_COUNT)),
        this.#random.below(2) === 0 ? 'a' : 'A',
      );
      if (!this.#rows.has(row)) return row;
    }
  }

  #rowOf(id: BuildValue, part: BuildValue, known?: readonly BuildValue[]): readonly BuildValue[] {
    const random = this.#random;
    const code = random.below(4) === 0 ? null : known && random.below(2) === 0 ? known[2]! : this.#newCode();
    const amount = random.below(4) === 0 ? null : `${random.below(2_000) - 1_000}.${10 + random.below(90)}`;
    const at = random.below(4) === 0 ? null : moment(random.below(1_000));
    const flag = random.below(3) === 0 ? null : random.below(2) === 0;
    return [id, part, code, amount, at, flag];
  }

  #newCode(): string {
    this.#codeCount += 1;
    return `code ${this.#codeCount}`;
  }
}
