import { batchFromRows, schemasEqual, sliceBatch } from '@millrace/arrow';
import {
  type AcceleratedTable,
  type ColumnData,
  type DataAccelerator,
  dataTypes,
  field,
  type Schema,
  TypeId,
} from '@millrace/core';
import type * as vitest from 'vitest';
import { refresh, scanAll } from './accelerated-table.ts';
import { ARROW_SAMPLES } from './arrow-samples.ts';
import { literalsOf } from './literals-of.ts';

/** An engine that keeps every type of Arrow. */
export interface KeepingEngine {
  /** The runner of the tests; processes that tests spawn import these fixtures, too, and have none. */
  readonly runner: Pick<typeof vitest, 'expect' | 'it'>;
  /** Opens a table as a host does. */
  readonly open: (
    schema: Schema,
    name: string,
  ) => Promise<{ readonly accelerator: DataAccelerator; readonly table: AcceleratedTable }>;
  /** Values that the engine cannot keep. */
  readonly unkept?: readonly unknown[];
}

/** Tests that every type comes back as it was, and that what is no value of its type fails the refresh. */
export function testKeptTypes({ runner, open, unkept = [] }: KeepingEngine): void {
  const { expect, it } = runner;
  const samples = ARROW_SAMPLES.map(
    ([title, type, values]) => [title, type, values.filter((value) => !unkept.includes(value))] as const,
  );

  it('each comes back as it was, beside nulls, whole and in slices', async () => {
    const names = samples.map(([title]) => title);
    const schema: Schema = { fields: samples.map(([title, type]) => field(title, type)) };
    const length = Math.max(...samples.map(([, , values]) => values.length)) + 2;
    const rows = Array.from({ length }, (_, row) =>
      samples.map(([, type, values]) => {
        // Arrow's unions have no nulls of their own.
        const absent = type.typeId === TypeId.Union ? values[0] : null;
        return row === 1 ? absent : (values[row > 1 ? row - 1 : row] ?? absent);
      }),
    );
    const batch = batchFromRows(schema, rows as never);
    const { accelerator, table } = await open(schema, 'types');
    expect(schemasEqual(table.schema, schema)).toBe(true);
    await refresh(table, [batch]);
    const whole = literalsOf(await scanAll(table));
    for (const [ordinal, name] of names.entries())
      expect([name, whole.map((row) => row[ordinal])]).toEqual([name, literalsOf([batch]).map((row) => row[ordinal])]);
    const slices = Array.from({ length: length - 1 }, (_, start) =>
      sliceBatch(batch, start, Math.min(start + 2, length)),
    );
    await refresh(table, slices);
    expect(literalsOf(await scanAll(table))).toEqual(literalsOf(slices));
    for (const scanned of await scanAll(table)) {
      expect(schemasEqual(scanned.schema, schema)).toBe(true);
      for (const [ordinal, { type }] of schema.fields.entries())
        expect(scanned.data.children[ordinal]?.type).toEqual(type);
    }
    await accelerator.shutdown();
  });

  it('text that is not UTF-8 fails the refresh, also where two such texts make up a character', async () => {
    const schema: Schema = { fields: [field('t', dataTypes.utf8())] };
    const { accelerator, table } = await open(schema, 'broken');
    const broken: readonly (readonly [number[], number[]])[] = [
      [
        [0, 1, 2],
        [0xff, 0x41],
      ],
      [
        [0, 1, 2],
        [0xc3, 0xa9],
      ],
    ];
    for (const [offsets, bytes] of broken) {
      const column: ColumnData = {
        type: dataTypes.utf8(),
        length: 2,
        offset: 0,
        nullCount: 0,
        values: Uint8Array.from(bytes),
        valueOffsets: Int32Array.from(offsets),
        children: [],
      };
      await expect(refresh(table, [{ schema, numRows: 2, data: { children: [column] } }])).rejects.toMatchObject({
        code: 'invalid_data',
      });
    }
    await accelerator.shutdown();
  });

  it('a decimal beyond its digits fails the refresh', async () => {
    const type = dataTypes.decimal(10, 0);
    const schema: Schema = { fields: [field('d', type)] };
    const { accelerator, table } = await open(schema, 'long');
    const column: ColumnData = {
      type,
      length: 1,
      offset: 0,
      nullCount: 0,
      values: Uint32Array.of(0, 0, 1, 0),
      children: [],
    };
    await expect(refresh(table, [{ schema, numRows: 1, data: { children: [column] } }])).rejects.toMatchObject({
      code: 'invalid_data',
    });
    await accelerator.shutdown();
  });
}
