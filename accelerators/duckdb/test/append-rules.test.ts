import type { OnConflict } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
});
