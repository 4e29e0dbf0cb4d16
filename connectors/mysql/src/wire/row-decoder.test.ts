import { createLiteralReader } from '@millrace/arrow';
import { dataTypes, type Field, field, TimeUnit } from '@millrace/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ColumnDecoder } from './column-decoder.ts';
import { WireType } from './column-definition.ts';
import { createDecoder } from './create-decoder.ts';
import { lengthEncoded } from './length-encoding.ts';
import { RowDecoder } from './row-decoder.ts';

const fail = (): never => {
  throw new Error('not expected');
};

function decoderOf(one: Field, type: number, decimals = 0): ColumnDecoder | undefined {
  const isUnsigned = one.type.isSigned === false;
  const definition = {
    type,
    isUnsigned,
    isBinary: type === WireType.Json || one.type.typeId === dataTypes.binary().typeId,
    decimals,
  };
  return createDecoder(definition, {
    field: one,
    offsetSeconds: 0,
    onZeroDate: () => undefined,
    onInvalidText: fail,
    onUnknownMember: fail,
  });
}

/** A row packet's payload: nulls are told by bits behind the head. */
function row(values: readonly (Buffer | null)[]): Buffer {
  const bits = Buffer.alloc((values.length + 9) >> 3);
  for (const [index, value] of values.entries()) if (value === null) bits[(index + 2) >> 3]! |= 1 << ((index + 2) & 7);
  return Buffer.concat([Buffer.from([0]), bits, ...values.flatMap((value) => value ?? [])]);
}

test('rows of many columns are decoded with their nulls, in batches that grow', () => {
  const schema = {
    fields: Array.from({ length: 20 }, (_, index) =>
      field(`c${index}`, index % 2 ? dataTypes.utf8() : dataTypes.int32()),
    ),
  };
  const decoders = schema.fields.map((one, index) => decoderOf(one, index % 2 ? WireType.VarString : WireType.Long)!);
  const rows = new RowDecoder(schema, decoders, { maxRows: 4_096, maxBytes: 1 << 30 });
  const counts: number[] = [];
  const check = (): void => {
    const first = counts.reduce((sum, count) => sum + count, 0);
    const batch = rows.take()!;
    counts.push(batch.numRows);
    const readers = batch.data.children.map(createLiteralReader);
    for (let at = 0; at < batch.numRows; at += 97)
      for (const [index, read] of readers.entries()) {
        const id = first + at;
        const value = index % 2 ? `text ${id}` : id;
        expect(read(at)).toEqual((id + index) % 7 === 0 ? null : value);
      }
  };
  for (let id = 0; id < 8_000; id++) {
    const values = schema.fields.map((_, index) => {
      if ((id + index) % 7 === 0) return null;
      if (index % 2) return lengthEncoded(Buffer.from(`text ${id}`));
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(id);
      return bytes;
    });
    if (rows.read(row(values), 0)) check();
  }
  check();
  expect(counts).toEqual([1_024, 4_096, 2_880]);
  expect(rows.take()).toBeUndefined();
});

test('a batch ends early where its texts are large', () => {
  const schema = { fields: [field('a', dataTypes.utf8())] };
  const rows = new RowDecoder(schema, [decoderOf(schema.fields[0]!, WireType.Blob)!], {
    maxRows: 10_000,
    maxBytes: 1 << 20,
  });
  const large = row([lengthEncoded(Buffer.alloc(300_000, 0x61))]);
  expect([1, 2, 3, 4].map(() => rows.read(large, 0))).toEqual([false, false, false, true]);
  expect(rows.take()?.numRows).toBe(4);
});

test('rows without columns are counted', () => {
  const rows = new RowDecoder({ fields: [] }, [], { maxRows: 10, maxBytes: 1 });
  for (let id = 0; id < 3; id++) rows.read(row([Buffer.from([1])]), 0);
  expect(rows.take()).toMatchObject({ numRows: 3, data: { children: [] } });
});

test('decimals of every size are exact', () => {
  const cases = fc.tuple(fc.integer({ min: 1, max: 38 }), fc.bigInt({ min: 0n, max: 10n ** 38n - 1n }), fc.boolean());
  fc.assert(
    fc.property(cases, fc.integer({ min: 0, max: 30 }), ([precision, digits, isNegative], wantedScale) => {
      const scale = Math.min(wantedScale, precision);
      const unscaled = (digits % 10n ** BigInt(precision)) * (isNegative ? -1n : 1n);
      const text = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
      const point = text.length - scale;
      const sent = `${unscaled < 0n ? '-' : ''}${text.slice(0, point)}${scale === 0 ? '' : `.${text.slice(point)}`}`;
      const schema = { fields: [field('d', dataTypes.decimal(precision, scale))] };
      const decoder = decoderOf(schema.fields[0]!, WireType.NewDecimal, scale)!;
      const rows = new RowDecoder(schema, [decoder], { maxRows: 1, maxBytes: 1 });
      rows.read(row([lengthEncoded(Buffer.from(sent))]), 0);
      expect(createLiteralReader(rows.take()!.data.children[0]!)(0)).toBe(unscaled);
    }),
    { numRuns: 2_000 },
  );
});

test('a type that the schema does not have has no decoder', () => {
  const pairs: readonly (readonly [Field, number, number?])[] = [
    [field('a', dataTypes.int32()), WireType.LongLong],
    [field('a', dataTypes.uint32()), WireType.Double],
    [field('a', dataTypes.decimal(10, 2)), WireType.NewDecimal, 3],
    [field('a', dataTypes.timestamp(TimeUnit.Microsecond, 'UTC')), WireType.DateTime],
    [field('a', dataTypes.utf8()), WireType.Long],
    [field('a', dataTypes.float32()), WireType.Double],
  ];
  for (const [one, type, decimals] of pairs) expect(decoderOf(one, type, decimals)).toBeUndefined();
});

test('JSON of MySQL is text although it is called binary', () => {
  const one = field('j', dataTypes.utf8());
  const rows = new RowDecoder({ fields: [one] }, [decoderOf(one, WireType.Json)!], { maxRows: 1, maxBytes: 1 });
  rows.read(row([lengthEncoded(Buffer.from('{"ä":1}'))]), 0);
  expect(createLiteralReader(rows.take()!.data.children[0]!)(0)).toBe('{"ä":1}');
});
