import duckdb, { type Vector } from '@duckdb/node-bindings';

/** Collects validity bits; a bitmap exists only from the first null on. */
export class ValidityCollector {
  #source: Uint8Array | undefined;
  #bits: Uint8Array | undefined;
  #rowCount = 0;
  #nullCount = 0;

  /** Points at the validity of a vector of `rowCount` rows. */
  load(vector: Vector, rowCount: number): void {
    const byteCount = ((rowCount + 63) >>> 6) << 3;
    if (byteCount === 0) {
      this.#source = undefined;
      return;
    }
    // Typed as an array, but the bindings give null for a vector without nulls.
    const source = duckdb.vector_get_validity(vector, byteCount) as Uint8Array | null;
    this.#source = source === null || allSet(source, rowCount) ? undefined : source;
  }

  /** The loaded vector's bits, or undefined when none of its rows is null. */
  get source(): Uint8Array | undefined {
    return this.#source;
  }

  append(start: number, end: number): void {
    const count = end - start;
    if (this.#source !== undefined || this.#bits !== undefined) {
      const bits = this.#reserve(this.#rowCount + count);
      if (this.#source === undefined) {
        setBits(bits, this.#rowCount, count);
      } else {
        this.#nullCount += count - copyBits(this.#source, start, bits, this.#rowCount, count);
      }
    }
    this.#rowCount += count;
  }

  /** The bitmap and count of nulls of the rows collected; then begins anew. */
  finish(): { readonly rowCount: number; readonly nullCount: number; readonly nullBitmap: Uint8Array | undefined } {
    const result = {
      rowCount: this.#rowCount,
      nullCount: this.#nullCount,
      nullBitmap: this.#nullCount === 0 ? undefined : this.#bits?.slice(0, (this.#rowCount + 7) >>> 3),
    };
    this.#bits = undefined;
    this.#rowCount = 0;
    this.#nullCount = 0;
    return result;
  }

  #reserve(rowCount: number): Uint8Array {
    const byteCount = (rowCount + 7) >>> 3;
    if (this.#bits === undefined) {
      this.#bits = new Uint8Array(Math.max(byteCount, 256));
      setBits(this.#bits, 0, this.#rowCount);
    } else if (this.#bits.length < byteCount) {
      const grown = new Uint8Array(Math.max(byteCount, this.#bits.length * 2));
      grown.set(this.#bits);
      this.#bits = grown;
    }
    return this.#bits;
  }
}

/** Tells whether row `index` is not null in bits as {@link ValidityCollector.source} gives them. */
export function isValid(bits: Uint8Array | undefined, index: number): boolean {
  return bits === undefined || ((bits[index >>> 3] as number) & (1 << (index & 7))) !== 0;
}

function allSet(bits: Uint8Array, count: number): boolean {
  const whole = count >>> 3;
  for (let index = 0; index < whole; index++) {
    if (bits[index] !== 0xff) {
      return false;
    }
  }
  const rest = (1 << (count & 7)) - 1;
  return ((bits[whole] ?? 0) & rest) === rest;
}

function setBits(target: Uint8Array, start: number, count: number): void {
  const end = start + count;
  let index = start;
  for (; index < end && (index & 7) !== 0; index++) {
    target[index >>> 3] = (target[index >>> 3] as number) | (1 << (index & 7));
  }
  const wholeEnd = end & ~7;
  if (index < wholeEnd) {
    target.fill(0xff, index >>> 3, wholeEnd >>> 3);
    index = wholeEnd;
  }
  for (; index < end; index++) {
    target[index >>> 3] = (target[index >>> 3] as number) | (1 << (index & 7));
  }
}

/** Copies bits between any two bit positions (the target's are still 0) and counts those that are set. */
function copyBits(
  source: Uint8Array,
  sourceStart: number,
  target: Uint8Array,
  targetStart: number,
  count: number,
): number {
  let set = 0;
  let done = 0;
  while (done < count) {
    const from = sourceStart + done;
    const to = targetStart + done;
    const take = Math.min(8 - (from & 7), 8 - (to & 7), count - done);
    const bits = ((source[from >>> 3] as number) >>> (from & 7)) & ((1 << take) - 1);
    target[to >>> 3] = (target[to >>> 3] as number) | (bits << (to & 7));
    set += POPULATION[bits] as number;
    done += take;
  }
  return set;
}

const POPULATION: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest !== 0; rest >>= 1) {
    count += rest & 1;
  }
  return count;
});
