import { MillraceError } from '@millrace/core';
import type { ConvertRequest, FixedWidthLayout } from './fixed-width-reader.ts';
import { isValid } from './validity-collector.ts';

type TypedArrayConstructor = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;

/** DuckDB and Arrow hold the value alike, as one element of the given array; 128-bit values as four words. */
export function sameLayout(array: TypedArrayConstructor, elementWidth: number, elements = 1): FixedWidthLayout {
  const width = elementWidth * elements;
  return {
    sourceWidth: width,
    targetWidth: width,
    view: (buffer, rowCount) => new array(buffer, 0, rowCount * elements),
  };
}

/** A signed integer of 16, 32, 64 or 128 bits, widened to a decimal of `targetWords` 32-bit words. */
export function widenedInteger(sourceWidth: number, targetWords: number): FixedWidthLayout {
  return {
    sourceWidth,
    targetWidth: targetWords * 4,
    view: words(targetWords),
    convert:
      sourceWidth === 2 ? (request) => widenShorts(request, targetWords) : widenWords(sourceWidth / 4, targetWords),
  };
}

/** An unsigned 128-bit integer, widened to a 256-bit decimal. */
export const UNSIGNED_HUGE_LAYOUT: FixedWidthLayout = {
  sourceWidth: 16,
  targetWidth: 32,
  view: words(8),
  convert({ source, start, end, target, targetRow }) {
    const from = new Uint32Array(source.buffer, source.byteOffset, source.byteLength >>> 2);
    const to = new Uint32Array(target);
    for (let row = start, out = targetRow * 8; row < end; row++, out += 8) {
      for (let word = 0; word < 4; word++) {
        to[out + word] = from[row * 4 + word] as number;
      }
    }
  },
};

/** DuckDB holds a UUID as a 128-bit integer with its top bit flipped, so that it sorts; Arrow holds its bytes in reading order. */
export const UUID_LAYOUT: FixedWidthLayout = {
  sourceWidth: 16,
  targetWidth: 16,
  view: (buffer, rowCount) => new Uint8Array(buffer, 0, rowCount * 16),
  convert({ source, start, end, target, targetRow }) {
    const to = new Uint8Array(target);
    for (let row = start, out = targetRow * 16; row < end; row++, out += 16) {
      for (let byte = 0; byte < 16; byte++) {
        to[out + byte] = source[row * 16 + 15 - byte] as number;
      }
      to[out] = (to[out] as number) ^ 0x80;
    }
  },
};

const NANOSECONDS_PER_MICROSECOND = 1000n;

/** Months and days are laid out alike; microseconds become nanoseconds, which end at about 292 years. */
export const INTERVAL_LAYOUT: FixedWidthLayout = {
  sourceWidth: 16,
  targetWidth: 16,
  view: (buffer, rowCount) => new Int32Array(buffer, 0, rowCount * 4),
  convert({ source, start, end, target, targetRow, validity }) {
    const from = new BigInt64Array(source.buffer, source.byteOffset, source.byteLength >>> 3);
    const to = new BigInt64Array(target);
    for (let row = start, out = targetRow * 2; row < end; row++, out += 2) {
      if (isValid(validity, row)) {
        const nanoseconds = (from[row * 2 + 1] as bigint) * NANOSECONDS_PER_MICROSECOND;
        if (BigInt.asIntN(64, nanoseconds) !== nanoseconds) {
          throw intervalOverflow();
        }
        to[out] = from[row * 2] as bigint;
        to[out + 1] = nanoseconds;
      }
    }
  },
};

function words(count: number): FixedWidthLayout['view'] {
  return (buffer, rowCount) => new Uint32Array(buffer, 0, rowCount * count);
}

function widenShorts({ source, start, end, target, targetRow }: ConvertRequest, targetWords: number): void {
  const from = new Int16Array(source.buffer, source.byteOffset, source.byteLength >>> 1);
  const to = new Int32Array(target);
  for (let row = start, out = targetRow * targetWords; row < end; row++, out += targetWords) {
    const value = from[row] as number;
    to[out] = value;
    const sign = value >> 31;
    for (let word = 1; word < targetWords; word++) {
      to[out + word] = sign;
    }
  }
}

function widenWords(sourceWords: number, targetWords: number): (request: ConvertRequest) => void {
  return ({ source, start, end, target, targetRow }) => {
    const from = new Int32Array(source.buffer, source.byteOffset, source.byteLength >>> 2);
    const to = new Int32Array(target);
    for (let row = start, out = targetRow * targetWords; row < end; row++, out += targetWords) {
      for (let word = 0; word < sourceWords; word++) {
        to[out + word] = from[row * sourceWords + word] as number;
      }
      const sign = (from[row * sourceWords + sourceWords - 1] as number) >> 31;
      for (let word = sourceWords; word < targetWords; word++) {
        to[out + word] = sign;
      }
    }
  };
}

function intervalOverflow(): MillraceError {
  return new MillraceError({
    code: 'invalid_data',
    component: 'duckdb',
    message: "an interval's time part is beyond 292 years and does not fit Arrow's nanoseconds",
    hint: 'Cast it to VARCHAR, or split it into days and time',
  });
}
