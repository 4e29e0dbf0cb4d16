import { batchFromRows } from '@millrace/arrow';
import { dataTypes, type Expr, MillraceError, type RecordBatch, type WriteMode } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTEXT } from './accelerate.ts';
import {
  type AppendFixture,
  call,
  createAppendFixture,
  from,
  overwrite,
  type Row,
  read,
  SCHEMA,
  sorted,
  sqlName,
  write,
} from './append-fixture.ts';

describe.each(['memory', 'file'] as const)('appends in mode %s', (mode) => {
  let fixture: AppendFixture;
  beforeAll(async () => {
    fixture = await createAppendFixture(mode);
  });
  afterAll(() => fixture.close());

  it('replace the rows of the window, with ties, nulls and duplicates as often as they are written', async () => {
    const table = await fixture.open();
    await write(table, overwrite, [
      [1n, 'old', 1, 1],
      [2n, 'old', 2, 1],
      [2n, 'old', 2, 1],
      [3n, 'gone', 3, 1],
      [4n, 'gone', null, 1],
    ]);
    const written: Row[] = [
      [3n, 'new', 3, Number.NaN],
      [3n, 'new', 3, Number.NaN],
      [3n, null, 3, -0],
      [5n, 'new', null, null],
      [5n, 'new', null, null],
      [null, null, null, null],
    ];
    expect(await write(table, from(3), written)).toBe(6n);
    const kept: Row[] = [
      [1n, 'old', 1, 1],
      [2n, 'old', 2, 1],
      [2n, 'old', 2, 1],
    ];
    expect(await read(table)).toEqual(sorted([...kept, ...written]));
    expect(table.checkpoint).toMatchObject({ watermark: 'w', rowCount: 9n, bootstrapComplete: true });
    expect(await write(table, from(3), [])).toBe(0n);
    expect(await read(table)).toEqual(sorted(kept));
    expect(await write(table, { kind: 'overwrite_where', filters: [] }, [[9n, 'all', 9, 9]])).toBe(1n);
    expect(await read(table)).toEqual(sorted([[9n, 'all', 9, 9]]));
  });

  it('fill an empty table, which is then loaded', async () => {
    const table = await fixture.open({ primaryKey: ['a'] });
    await write(table, from(5), [
      [1n, 'x', 1, 1],
      [2n, 'x', 9, 1],
    ]);
    expect(table.checkpoint).toMatchObject({ watermark: 'w', rowCount: 2n });
    await write(table, from(0), []);
    expect(await read(table)).toEqual([]);
    await write(table, from(5), [[1n, 'y', 1, 1]]);
    expect(await read(table)).toEqual(sorted([[1n, 'y', 1, 1]]));
  });

  const old: readonly Row[] = [
    [1n, 'a', 1, 10],
    [2n, 'a', 2, 10],
    [null, 'a', 2, 10],
    [7n, 'a', 7, 10],
  ];

  it('know composite keys, in which one null is enough to equal nothing', async () => {
    const table = await fixture.open({ primaryKey: ['a', 'b'] });
    await write(table, overwrite, [
      [1n, 'x', 1, 1],
      [1n, 'y', 1, 1],
      [1n, null, 1, 1],
    ]);
    await write(table, from(5), [
      [1n, 'x', 9, 2],
      [1n, null, 9, 2],
      [2n, 'y', 9, 2],
    ]);
    const wanted: Row[] = [
      [1n, 'x', 9, 2],
      [1n, 'y', 1, 1],
      [1n, null, 1, 1],
      [1n, null, 9, 2],
      [2n, 'y', 9, 2],
    ];
    expect(await read(table)).toEqual(sorted(wanted));
    await expect(
      write(table, from(5), [
        [3n, 'x', 9, 2],
        [3n, 'x', 9, 3],
      ]),
    ).rejects.toMatchObject({ code: 'integrity' });
    expect(await read(table)).toEqual(sorted(wanted));
  });

  it('keep unique indexes unique over old and new rows, and queries use what is indexed', async () => {
    const indexes = [
      { columns: ['b'], unique: true },
      { columns: ['t'], unique: false },
    ];
    const table = await fixture.open({ primaryKey: ['a'], indexes, refreshMode: 'full' });
    const rows = Array.from({ length: 30_000 }, (_, i): Row => [BigInt(i), `b${i}`, i, 0]);
    await write(table, overwrite, rows);
    for (let round = 1; round <= 3; round++) {
      // The same keys leave and come back in one transaction.
      const window = rows.slice(29_000).map(([a, b, time]): Row => [a, b, time, round]);
      await write(table, from(29_000), window);
      await expect(write(table, from(29_000), [...window, [99n, `b${round}`, 1, 1]])).rejects.toMatchObject({
        code: 'integrity',
        message: expect.stringContaining('the same b'),
      });
      expect(await read(table)).toEqual(sorted([...rows.slice(0, 29_000), ...window]));
    }
    await write(table, from(29_000), [[1n, 'free now', 1, 1]]);
    await write(table, from(29_000), [[2n, 'b1', 1, 1]]);
    expect(table.checkpoint?.rowCount).toBe(29_000n);
    const { relation } = await sqlName(table);
    const query = `SELECT v FROM ${relation} WHERE a = 28000`;
    const [plan] = await fixture.engine.withConnection((connection) => connection.rows(`EXPLAIN ANALYZE ${query}`));
    expect(String(plan?.[1])).toContain('Index Scan');
  });

  it('number the rows of large loads as they come', async () => {
    const table = await fixture.open({ primaryKey: ['a'], onConflict: 'upsert_dedup_by_row_id' });
    const rowCount = 400_000;
    const keyCount = 1_000;
    const batches = function* (): Generator<RecordBatch> {
      for (let start = 0; start < rowCount; start += 50_000)
        yield batchFromRows(
          SCHEMA,
          Array.from({ length: 50_000 }, (_, i): Row => [BigInt((start + i) % keyCount), 'x', 1, start + i]),
        );
    };
    expect(await write(table, overwrite, batches())).toBe(1_000n);
    const wanted = Array.from({ length: keyCount }, (_, i): Row => [BigInt(i), 'x', 1, rowCount - keyCount + i]);
    expect(await read(table)).toEqual(sorted(wanted));
    await using session = await table.beginRefresh({ mode: from(0) }, CONTEXT);
    const sql = `SELECT (i % 10) AS a, 'n' AS b, 1::INTEGER AS t, i::DOUBLE AS v FROM range(${rowCount}) r(i)`;
    expect(await session.loadNative?.({ kind: 'sql', engine: 'duckdb', sql, paths: [] }, ['v', 't', 'a', 'b'])).toBe(
      BigInt(rowCount),
    );
    await session.commit({ refreshedAtMs: 2, bootstrapComplete: true });
    expect(await read(table)).toEqual(
      sorted(Array.from({ length: 10 }, (_, i): Row => [BigInt(i), 'n', 1, rowCount - 10 + i])),
    );
  });

  it('that fail, are cancelled or given up change nothing', async () => {
    const table = await fixture.open({ primaryKey: ['a'] });
    await write(table, overwrite, old);
    const { checkpoint } = table;
    const failing = (async function* () {
      yield batchFromRows(SCHEMA, [[1n, 'b', 9, 1]]);
      throw new MillraceError({ code: 'unavailable', component: 'source', message: 'gone' });
    })();
    await expect(write(table, from(0), failing)).rejects.toMatchObject({ code: 'unavailable' });
    const abort = new AbortController();
    const attempts: readonly (readonly [AbortController | undefined, string | undefined])[] = [
      [abort, 'cancelled'],
      [undefined, undefined],
    ];
    for (const [controller, code] of attempts) {
      const session = await table.beginRefresh({ mode: from(0) }, { signal: controller?.signal ?? CONTEXT.signal });
      await expect(table.beginRefresh({ mode: from(0) }, CONTEXT)).rejects.toMatchObject({ code: 'conflict' });
      const writer = await session.writer();
      await writer.write(batchFromRows(SCHEMA, [[1n, 'b', 9, 1]]));
      await writer.finish();
      controller?.abort();
      if (code !== undefined)
        await expect(session.commit({ refreshedAtMs: 2, bootstrapComplete: true })).rejects.toMatchObject({ code });
      await session.abort();
      expect(await read(table)).toEqual(sorted(old));
      expect(table.checkpoint).toBe(checkpoint);
    }
    const random: Expr = { kind: 'call', function: 'random', args: [], type: dataTypes.float64() };
    const unsayable: WriteMode = { kind: 'overwrite_where', filters: [call('lt', random, random)] };
    await expect(table.beginRefresh({ mode: unsayable }, CONTEXT)).rejects.toMatchObject({ code: 'unsupported' });
    await write(table, from(0), [[1n, 'b', 9, 1]]);
    expect(await read(table)).toEqual(sorted([[1n, 'b', 9, 1]]));
  });
});
