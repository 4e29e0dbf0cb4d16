import { batchFromRows, createLiteralReader } from '@millrace/arrow';
import { type ColumnData, dataTypes, field } from '@millrace/core';
import { expect, test } from 'vitest';
import { packColumn, unpackColumn } from './packed-column.ts';

test('packed values come back as they were, nulls and empty columns too', () => {
  const type = dataTypes.list(dataTypes.utf8());
  for (const values of [[], [['a', null, ''], null, [], ['žluťoučký kůň'], null]]) {
    const schema = { fields: [field('v', type)] };
    const batch = batchFromRows(
      schema,
      values.map((value) => [value]),
    );
    const { bytes, offsets, validity } = packColumn(batch.data.children[0]!);
    expect(offsets.length).toBe(values.length + 1);
    const read: ColumnData = {
      type: dataTypes.binary(),
      length: values.length,
      offset: 0,
      nullCount: values.filter((value) => value === null).length,
      values: bytes,
      valueOffsets: offsets,
      nullBitmap: validity,
      children: [],
    };
    const reader = createLiteralReader(unpackColumn(type, read));
    expect(values.map((_, row) => reader(row))).toEqual(values);
  }
});
