import { batchFromRows, rowArraysFromBatch } from '@millrace/arrow';
import { dataTypes, type Expr, field, type OnConflict, type WriteMode } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTEXT, scanAll } from './accelerate.ts';
import {
  type AppendFixture,
  createAppendFixture,
  from,
  overwrite,
  type Row,
  read,
  sorted,
  write,
} from './append-fixture.ts';

/** A window of no rows. */
const NEVER: Expr = { kind: 'literal', value: false, type: dataTypes.bool() };

describe.each(['memory', 'file'] as const)('conflicts in mode %s', (mode) => {
  let fixture: AppendFixture;
  beforeAll(async () => {
    fixture = await createAppendFixture(mode);
  });
  afterAll(() => fixture.close());

  const old: readonly Row[] = [
    [1n, 'a', 1, 10],
    [2n, 'a', 2, 10],
    [null, 'a', 2, 10],
    [7n, 'a', 7, 10],
  ];

  const rules: readonly (readonly [
    OnConflict,
    readonly Row[],
    readonly Row[] | 'integrity',
    readonly Row[] | 'integrity',
  ])[] = [
    [
      'drop',
      [
        [1n, 'b', 8, 1],
        [7n, 'b', 8, 2],
        [7n, 'b', 8, 3],
        [null, 'b', 8, 4],
        [null, 'b', 8, 4],
      ],
      [
        [1n, 'b', 8, 1],
        [7n, 'b', 8, 2],
        [null, 'b', 8, 4],
        [null, 'b', 8, 4],
      ],
      [
        [1n, 'a', 1, 10],
        [2n, 'a', 2, 10],
        [null, 'a', 2, 10],
        [7n, 'b', 8, 2],
        [null, 'b', 8, 4],
        [null, 'b', 8, 4],
      ],
    ],
    [
      'upsert',
      [
        [1n, 'b', 8, 1],
        [null, 'b', 8, 4],
        [null, 'b', 8, 4],
      ],
      [
        [1n, 'b', 8, 1],
        [null, 'b', 8, 4],
        [null, 'b', 8, 4],
      ],
      [
        [1n, 'b', 8, 1],
        [2n, 'a', 2, 10],
        [null, 'a', 2, 10],
        [null, 'b', 8, 4],
        [null, 'b', 8, 4],
      ],
    ],
    [
      'upsert',
      [
        [5n, 'b', 8, 1],
        [5n, 'b', 8, 1],
      ],
      'integrity',
      'integrity',
    ],
    [
      'upsert_dedup',
      [
        [1n, null, 8, Number.NaN],
        [1n, null, 8, Number.NaN],
        [5n, 'b', null, 1],
        [null, 'b', 8, 4],
        [null, 'b', 8, 4],
        [null, 'c', 8, 4],
      ],
      [
        [1n, null, 8, Number.NaN],
        [5n, 'b', null, 1],
        [null, 'b', 8, 4],
        [null, 'c', 8, 4],
      ],
      [
        [1n, null, 8, Number.NaN],
        [2n, 'a', 2, 10],
        [null, 'a', 2, 10],
        [5n, 'b', null, 1],
        [null, 'b', 8, 4],
        [null, 'c', 8, 4],
      ],
    ],
    [
      'upsert_dedup',
      [
        [5n, 'b', 8, 1],
        [5n, 'b', 8, 1],
        [5n, 'b', 8, 2],
      ],
      'integrity',
      'integrity',
    ],
    [
      'upsert_dedup_by_row_id',
      [
        [1n, 'b', 8, 1],
        [5n, 'b', 9, 1],
        [1n, 'c', 6, 2],
        [5n, 'c', 8, 3],
        [5n, 'd', 7, 2],
        [null, 'b', 8, 4],
        [null, 'b', 8, 4],
      ],
      [
        [1n, 'c', 6, 2],
        [5n, 'd', 7, 2],
        [null, 'b', 8, 4],
        [null, 'b', 8, 4],
      ],
      [
        [1n, 'c', 6, 2],
        [2n, 'a', 2, 10],
        [null, 'a', 2, 10],
        [5n, 'd', 7, 2],
        [null, 'b', 8, 4],
        [null, 'b', 8, 4],
      ],
    ],
  ];
  // With refresh mode full the key is indexed, and an append makes a new version; with append it changes the table in place.
  const modes = ['full', 'append'] as const;
  it.each(rules.flatMap((rule) => modes.map((refreshMode) => [refreshMode, ...rule] as const)))(
    'of a table of mode %s under rule %s, case %#',
    async (refreshMode, onConflict, written, replaced, appended) => {
      const table = await fixture.open({ primaryKey: ['a'], onConflict, refreshMode });
      for (const [how, wanted] of [
        [overwrite, replaced],
        [from(7), appended],
      ] as const) {
        await write(table, overwrite, old);
        const { checkpoint } = table;
        if (wanted === 'integrity') {
          await expect(write(table, how, written)).rejects.toMatchObject({ code: 'integrity' });
          expect(await read(table)).toEqual(sorted(old));
          expect(table.checkpoint).toBe(checkpoint);
        } else {
          await write(table, how, written);
          expect(await read(table)).toEqual(sorted(wanted));
        }
      }
    },
  );

  it('do not depend on what columns are called', async () => {
    const names = ['rowid', 'place', 'id', 'T'];
    const schema = { fields: names.map((name) => field(name, dataTypes.int64())) };
    const rulesOfOne = ['drop', 'upsert_dedup', 'upsert_dedup_by_row_id'] as const;
    for (const [onConflict, refreshMode] of rulesOfOne.flatMap((rule) => modes.map((kind) => [rule, kind] as const))) {
      const table = await fixture.open({ schema, primaryKey: ['id'], onConflict, refreshMode });
      const write = async (how: WriteMode, rows: readonly (readonly bigint[])[]): Promise<void> => {
        await using session = await table.beginRefresh({ mode: how }, CONTEXT);
        await using writer = await session.writer();
        await writer.write(batchFromRows(schema, rows));
        await writer.finish();
        await session.commit({ refreshedAtMs: 1, bootstrapComplete: true });
      };
      const [twice, other] = [
        [1n, 1n, 5n, 0n],
        [1n, 1n, 6n, 0n],
      ];
      await write(overwrite, [twice!, other!, twice!]);
      await write({ kind: 'overwrite_where', filters: [NEVER] }, [twice!, twice!]);
      const rows = (await scanAll(table)).flatMap((batch) => [...rowArraysFromBatch(batch)]);
      expect(rows.sort()).toEqual([twice, other]);
    }
  });
});
