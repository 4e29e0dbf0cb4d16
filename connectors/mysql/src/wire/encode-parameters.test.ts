import { type DataType, dataTypes, type LiteralValue, TimeUnit } from '@millrace/core';
import { expect, test } from 'vitest';
import { encodeParameters } from './encode-parameters.ts';

function encode(value: LiteralValue, type: DataType, offsetSeconds = 0): string {
  return encodeParameters([{ value, type }], offsetSeconds).toString('hex');
}

test('each value goes in a type that holds it exactly', () => {
  expect(encode(null, dataTypes.int32())).toBe('01010600');
  expect(encode(-2, dataTypes.int32())).toBe('00010800feffffffffffffff');
  expect(encode(2n ** 64n - 1n, dataTypes.uint64())).toBe('00010880ffffffffffffffff');
  expect(encode(1.5, dataTypes.float64())).toBe('00010500000000000000f83f');
  expect(encode(-5n, dataTypes.decimal(10, 3))).toBe(`0001f60006${Buffer.from('-0.005').toString('hex')}`);
  expect(encode('ä', dataTypes.utf8())).toBe('0001fd0002c3a4');
  expect(encode(Uint8Array.of(0, 255), dataTypes.binary())).toBe('0001fc000200ff');
  expect(encode(19_782, dataTypes.date())).toBe('00010a0004e807021d');
  const micros = BigInt(Date.UTC(2024, 1, 29, 23, 59, 58)) * 1000n + 7n;
  expect(encode(micros, dataTypes.timestamp())).toBe('00010c000be807021d173b3a07000000');
});

test('an instant goes in the clock of the session, a wall-clock time as it is', () => {
  const micros = BigInt(Date.UTC(2024, 1, 29, 23, 0, 0)) * 1000n;
  const zoned = dataTypes.timestamp(TimeUnit.Microsecond, 'UTC');
  expect(encode(micros, zoned, 3_600)).toBe('00010c000be8070301000000' + '00000000');
  expect(encode(micros, dataTypes.timestamp(), 3_600)).toBe('00010c000be807021d170000' + '00000000');
  expect(encode(-1n, zoned, 0)).toBe('00010c000bb1070c1f173b3b3f420f00');
});

test('nulls of many values are told by bits', () => {
  const parameters = Array.from({ length: 10 }, (_, index) => ({
    value: index % 3 === 0 ? null : 'x',
    type: dataTypes.utf8(),
  }));
  const bytes = encodeParameters(parameters, 0);
  expect([...bytes.subarray(0, 3)]).toEqual([0b01001001, 0b10, 1]);
  expect(bytes.subarray(3 + 20).toString('latin1')).toBe('\x01x'.repeat(6));
});
