import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromRows, rowArraysFromBatch } from '@millrace/arrow';
import { type CreateTableCommand, dataTypes, type Expr, field, type OnConflict, type Schema } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Accelerated, accelerate, CONTEXT, refresh, scanAll } from './accelerate.ts';

const SCHEMA: Schema = {
  fields: [field('id', dataTypes.int64()), field('at', dataTypes.timestamp()), field('name', dataTypes.utf8())],
};
const AT = SCHEMA.fields[1]!;
type Row = readonly [id: bigint | null, at: bigint | null, name: string | null];

const at: Expr = { kind: 'column', path: ['at'], type: AT.type };
const bound = (value: bigint): Expr => ({ kind: 'literal', value, type: AT.type });
const call = (name: Extract<Expr, { kind: 'call' }>['function'], ...args: Expr[]): Expr => ({
  kind: 'call',
  function: name,
  args,
  type: dataTypes.bool(),
});
/** The window of an append refresh. */
const since = (value: bigint): Expr => call('or', call('ge', at, bound(value)), call('is_null', at));

const SEED = Number(process.env.MILLRACE_TEST_SEED ?? 7);
const SCHEDULES = process.env.MILLRACE_TEST_FULL ? 1_000 : 25;

describe('append refreshes', () => {
  let folder: string;
  const opened: Accelerated[] = [];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-append-'));
  });
  afterAll(async () => {
    await Promise.all(opened.map(({ accelerator }) => accelerator.shutdown()));
    rmSync(folder, { recursive: true });
  });

  /** Tables in mode file share one, so that few threads are started. */
  async function open(
    command: Partial<CreateTableCommand> = {},
    mode: 'memory' | 'file' = 'file',
  ): Promise<Accelerated['table']> {
    const accelerated = await accelerate({
      folder,
      mode,
      name: { table: `t${opened.length}` },
      schema: SCHEMA,
      command: { refreshMode: 'append', ...command },
      ...(mode === 'file' ? { file: 'append.sqlite' } : {}),
    });
    opened.push(accelerated);
    return accelerated.table;
  }

  const write = (table: Accelerated['table'], rows: readonly Row[], ...filters: Expr[]) =>
    refresh(table, [batchFromRows(SCHEMA, rows)], 1, { kind: 'overwrite_where', filters });

  async function read(table: Accelerated['table']): Promise<readonly (readonly unknown[])[]> {
    const rows = (await scanAll(table)).flatMap((batch) => [...rowArraysFromBatch(batch)]);
    expect(table.checkpoint?.rowCount).toBe(BigInt(rows.length));
    return rows.map(([id, , name]) => [id, name]).sort(byText);
  }

  it.each(['memory', 'file'] as const)(
    'in mode %s the window is replaced, duplicates and nulls included, and nothing else',
    async (mode) => {
      const table = await open({}, mode);
      await write(table, [
        [1n, 10n, 'a'],
        [2n, 20n, 'b'],
        [2n, 20n, 'b'],
        [3n, null, 'n'],
      ]);
      await write(
        table,
        [
          [2n, 20n, 'b'],
          [2n, 20n, 'b'],
          [2n, 20n, 'b2'],
          [4n, 30n, 'd'],
        ],
        since(20n),
      );
      expect(await read(table)).toEqual([
        [1n, 'a'],
        [2n, 'b'],
        [2n, 'b'],
        [2n, 'b2'],
        [4n, 'd'],
      ]);
      await write(table, [], since(31n));
      expect(await read(table)).toHaveLength(5);
    },
  );

  it('keeps everything when it fails or is given up', async () => {
    const table = await open({ indexes: [{ columns: ['name'], unique: true }] });
    await write(table, [
      [1n, 10n, 'a'],
      [2n, 20n, 'b'],
    ]);
    const before = await read(table);
    const { checkpoint } = table;
    await expect(write(table, [[3n, 30n, 'a']], since(20n))).rejects.toMatchObject({ code: 'integrity' });
    {
      await using session = await table.beginRefresh(
        { mode: { kind: 'overwrite_where', filters: [since(0n)] } },
        CONTEXT,
      );
      await using writer = await session.writer();
      await writer.write(batchFromRows(SCHEMA, [[9n, 9n, 'z']]));
      await writer.finish();
    }
    expect(await read(table)).toEqual(before);
    expect(table.checkpoint).toBe(checkpoint);
  });

  it('refuses a window that it cannot tell', async () => {
    const table = await open();
    const odd = call(
      'eq',
      {
        kind: 'call',
        function: 'lower',
        args: [{ kind: 'column', path: ['name'], type: dataTypes.utf8() }],
        type: dataTypes.utf8(),
      },
      { kind: 'literal', value: 'a', type: dataTypes.utf8() },
    );
    await expect(write(table, [], odd)).rejects.toMatchObject({ code: 'unsupported' });
  });

  const first: readonly Row[] = [
    [1n, 10n, 'one'],
    [2n, 20n, 'two'],
  ];
  const again: readonly Row[] = [
    [2n, 30n, 'second two'],
    [3n, 30n, 'three'],
  ];
  const expected: readonly (readonly [OnConflict, readonly unknown[]])[] = [
    ['drop', ['one', 'two', 'three']],
    ['upsert', ['one', 'second two', 'three']],
    ['upsert_dedup', ['one', 'second two', 'three']],
    ['upsert_dedup_by_row_id', ['one', 'second two', 'three']],
  ];
  it.each(expected)('on_conflict %s decides between old and new rows of one key', async (onConflict, names) => {
    const table = await open({ primaryKey: ['id'], onConflict });
    await write(table, first);
    await write(table, again, since(25n));
    expect((await read(table)).map(([, name]) => name)).toEqual(names);
    expect(table.schema.fields[0]).toMatchObject({ name: 'id', nullable: false });
    await expect(write(table, [[null, 40n, 'no key']], since(40n))).rejects.toMatchObject({ code: 'integrity' });
  });

  const copies: readonly Row[] = [
    [5n, 50n, 'same'],
    [5n, 50n, 'same'],
  ];
  const rivals: readonly Row[] = [
    [5n, 50n, 'first'],
    [5n, 50n, 'last'],
  ];
  const settled: readonly (readonly [OnConflict, readonly unknown[] | undefined, readonly unknown[] | undefined])[] = [
    ['drop', ['same'], ['first']],
    ['upsert', undefined, undefined],
    ['upsert_dedup', ['same'], undefined],
    ['upsert_dedup_by_row_id', ['same'], ['last']],
  ];
  it.each(settled)('on_conflict %s decides among written rows of one key', async (onConflict, ofCopies, ofRivals) => {
    for (const kind of ['overwrite', 'overwrite_where'] as const) {
      for (const [rows, names] of [
        [copies, ofCopies],
        [rivals, ofRivals],
      ] as const) {
        const table = await open({ primaryKey: ['id'], onConflict });
        const writing = refresh(
          table,
          [batchFromRows(SCHEMA, rows)],
          1,
          kind === 'overwrite' ? { kind } : { kind, filters: [since(0n)] },
        );
        if (names === undefined) await expect(writing).rejects.toMatchObject({ code: 'integrity' });
        else {
          await writing;
          expect((await read(table)).map(([, name]) => name)).toEqual(names);
        }
      }
    }
  });

  it(`${SCHEDULES} random schedules end equal to the source`, async () => {
    const random = randomFrom(SEED);
    const table = await open();
    for (let schedule = 0; schedule < SCHEDULES; schedule++) {
      let source: Row[] = [];
      await refresh(table, [batchFromRows(SCHEMA, [])]);
      let watermark = 0n;
      for (let step = 0; step < 5; step++) {
        const overlap = 10n;
        const rows = Array.from({ length: random(6) }, (): Row => {
          const moment = random(9) === 0 ? null : watermark - overlap + BigInt(random(20));
          return [BigInt(random(4)), moment, `name ${random(3)}`];
        });
        // Late rows within the overlap, ties, copies; and now and then a row of the window goes.
        source = [...source, ...rows].filter(
          ([, moment]) => (moment !== null && moment < watermark - overlap) || random(8) > 0,
        );
        const from = watermark - overlap;
        const window = source.filter(([, moment]) => moment === null || moment >= from);
        await write(table, window, since(from));
        for (const [, moment] of source) if (moment !== null && moment > watermark) watermark = moment;
      }
      expect(await read(table)).toEqual(source.map(([id, , name]) => [id, name]).sort(byText));
    }
  }, 600_000);
});

function byText(left: readonly unknown[], right: readonly unknown[]): number {
  const [a, b] = [left.map(String).join('|'), right.map(String).join('|')];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whole numbers below a bound, the same ones for a seed. */
function randomFrom(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
