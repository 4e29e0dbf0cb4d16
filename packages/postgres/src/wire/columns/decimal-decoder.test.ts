import { createLiteralReader } from '@millrace/arrow';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DecimalDecoder, type DecimalShape } from './decimal-decoder.ts';

/** The server's form of a decimal text: base-10000 digits without zeros at either end. */
function numericBytes(text: string): Buffer {
  const isNegative = text.startsWith('-');
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const left = whole.padStart(Math.ceil(whole.length / 4) * 4, '0');
  const right = fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0');
  const digits = `${left}${right}`.match(/.{4}/g)?.map(Number) ?? [];
  let weight = left.length / 4 - 1;
  while (digits.length > 0 && digits[0] === 0) {
    digits.shift();
    weight -= 1;
  }
  while (digits.at(-1) === 0) digits.pop();
  const bytes = Buffer.alloc(8 + digits.length * 2);
  bytes.writeInt16BE(digits.length, 0);
  bytes.writeInt16BE(digits.length === 0 ? 0 : weight, 2);
  bytes.writeUInt16BE(isNegative && digits.length > 0 ? 0x4000 : 0, 4);
  bytes.writeUInt16BE(fraction.length, 6);
  for (const [index, digit] of digits.entries()) bytes.writeInt16BE(digit, 8 + index * 2);
  return bytes;
}

function decode(text: string, shape: DecimalShape): unknown {
  const decoder = new DecimalDecoder(shape, (what) => {
    throw new Error(what);
  });
  const bytes = numericBytes(text);
  decoder.append({ bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) }, 0, bytes.length);
  return createLiteralReader(decoder.finish())(0);
}

function toText(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return unscaled < 0n ? `-${text}` : text;
}

test('every value of every precision and scale is exact', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 38 }),
      fc.integer({ min: 0, max: 38 }),
      fc.bigInt({ min: 0n, max: 10n ** 38n - 1n }),
      fc.boolean(),
      (precision, drawn, value, isNegative) => {
        const scale = Math.min(drawn, precision);
        const unscaled = (value % 10n ** BigInt(precision)) * (isNegative ? -1n : 1n);
        expect(decode(toText(unscaled, scale), { precision, scale })).toBe(unscaled);
      },
    ),
    { numRuns: 5000 },
  );
});

test('what does not fit is reported, never rounded', () => {
  expect(() => decode('0.001', { precision: 10, scale: 2 })).toThrow('behind the point');
  expect(() => decode('0.000000001', { precision: 10, scale: 2 })).toThrow('behind the point');
  expect(() => decode('123456789012345678901234567890.001', { precision: 38, scale: 2 })).toThrow('behind the point');
  expect(() => decode('1000', { precision: 3, scale: 0 })).toThrow('more digits');
  expect(() => decode(`1${'0'.repeat(38)}`, { precision: 38, scale: 0 })).toThrow('more digits');
});
