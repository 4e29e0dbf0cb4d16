import {
  type AcceleratedTable,
  type CreateTableCommand,
  dataTypes,
  field,
  MillraceError,
  type RecordBatch,
  type RefreshSession,
} from '@millrace/core';
import type * as vitest from 'vitest';
import { CONTEXT, refresh, scanAll } from './accelerated-table.ts';
import { completeVersion, describeRows, VERSION_SCHEMA, versionBatches } from './row-versions.ts';

/** A refresh that fails: what it does, and the code of its error. */
export type FailingRefresh = readonly [string, (table: AcceleratedTable) => Promise<unknown>, string];

/** The engine whose refreshes are tested. */
export interface RefreshedEngine {
  /** The runner of the tests; processes that tests spawn import these fixtures, too, and have none. */
  readonly runner: Pick<typeof vitest, 'expect' | 'it'>;
  /** Opens a new table of {@link VERSION_SCHEMA}. */
  readonly open: (command?: Partial<CreateTableCommand>) => Promise<AcceleratedTable>;
  /** Rows of a large refresh; at least 10,000. */
  readonly rowCount: number;
  /** More ways to fail. */
  readonly failures?: readonly FailingRefresh[];
  /** What there is of a table where it lives; the same before and after a refresh that failed. */
  readonly relations?: (table: AcceleratedTable) => Promise<unknown>;
}

const DONE = { refreshedAtMs: 0, bootstrapComplete: true } as const;

/** Tests that a refresh is one: its rows are all there or none of them, whatever becomes of it. */
export function testRefreshes({ runner, open, rowCount, failures = [], relations }: RefreshedEngine): void {
  const { expect, it } = runner;
  const batchRows = Math.ceil(rowCount / 4);

  it('an empty table is readable before its first refresh, and says that it is not loaded', async () => {
    const table = await open();
    expect(table.checkpoint).toBeUndefined();
    expect(await scanAll(table)).toEqual([]);
  });

  it('a scan that began before a refresh reads its version to the end', async () => {
    const table = await open();
    await refresh(table, versionBatches(1, 60_000));
    const plan = await table.scan({ projection: [0, 1, 2], filters: [] }, CONTEXT);
    const batches: RecordBatch[] = [];
    for await (const batch of plan.execute(plan.partitions[0]!, CONTEXT)) {
      if (batches.length === 0) await refresh(table, versionBatches(2, 10));
      batches.push(batch);
    }
    expect(describeRows(batches)).toEqual(completeVersion(1, 60_000));
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(2, 10));
  });

  const common: readonly FailingRefresh[] = [
    [
      'a source that fails midway',
      (table) =>
        refresh(
          table,
          (async function* () {
            yield* versionBatches(2, rowCount, batchRows);
            throw new MillraceError({ code: 'unavailable', component: 'source', message: 'the source went away' });
          })(),
        ),
      'unavailable',
    ],
    [
      'batches of another type',
      (table) => {
        const schema = { fields: [...VERSION_SCHEMA.fields.slice(0, 2), field('text', dataTypes.int32())] };
        const [batch] = versionBatches(2, 1);
        const other = { ...batch!.data.children[1]!, type: dataTypes.int32() };
        const children = [...batch!.data.children.slice(0, 2), other];
        return refresh(table, [{ schema, numRows: 1, data: { children } }]);
      },
      'schema_mismatch',
    ],
    [
      'a cancellation in the middle',
      async (table) => {
        const abort = new AbortController();
        await using session = await begin(table, abort.signal);
        await using writer = await session.writer();
        for (const [index, batch] of versionBatches(2, rowCount, batchRows).entries()) {
          if (index === 2) abort.abort();
          await writer.write(batch);
        }
        await writer.finish();
        return await session.commit(DONE);
      },
      'cancelled',
    ],
    [
      'a commit without rows',
      async (table) => {
        await using session = await begin(table);
        return await session.commit(DONE);
      },
      'invalid_state',
    ],
    [
      'a writer that was given up',
      async (table) => {
        await using session = await begin(table);
        {
          await using writer = await session.writer();
          await writer.write(versionBatches(2, 10)[0]!);
        }
        return await session.commit(DONE);
      },
      'invalid_state',
    ],
  ];
  it.each([...common, ...failures])('%s keeps the old rows and leaves nothing behind', async (_, fail, code) => {
    const table = await open();
    await refresh(table, versionBatches(1, 3_000), 42);
    const { checkpoint } = table;
    const before = await relations?.(table);
    await expect(fail(table)).rejects.toMatchObject({ code });
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(1, 3_000));
    expect(table.checkpoint).toEqual(checkpoint);
    expect(checkpoint).toMatchObject({ refreshedAtMs: 42, rowCount: 3_000n, bootstrapComplete: true });
    expect(await relations?.(table)).toEqual(before);
    await refresh(table, versionBatches(3, 100));
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(3, 100));
  });

  it('a writer that was given up makes room for another one', async () => {
    const table = await open();
    await using session = await begin(table);
    {
      await using first = await session.writer();
      for (const batch of versionBatches(1, rowCount, batchRows)) await first.write(batch);
    }
    await using second = await session.writer();
    for (const batch of versionBatches(2, 500)) await second.write(batch);
    await second.finish();
    await expect(session.writer()).rejects.toMatchObject({ code: 'invalid_state' });
    await session.commit(DONE);
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(2, 500));
  });

  it('a refresh takes its rows again when they could not be committed', async () => {
    const table = await open({ primaryKey: ['i'] });
    await using session = await begin(table);
    const [batch] = versionBatches(1, 100);
    for (const [batches, code] of [
      [[batch!, batch!], 'integrity'],
      [[batch!], undefined],
    ] as const) {
      await using writer = await session.writer();
      for (const one of batches) await writer.write(one);
      await writer.finish();
      const outcome = await session.commit(DONE).catch((error: unknown) => error);
      expect(outcome).toMatchObject(code === undefined ? { rowCount: 100n } : { code });
    }
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(1, 100));
  });

  it('one refresh runs at a time, and only as a whole', async () => {
    const table = await open();
    const session = await begin(table);
    await expect(begin(table)).rejects.toMatchObject({ code: 'conflict' });
    await session.abort();
    await session.abort();
    await expect(session.writer()).rejects.toMatchObject({ code: 'invalid_state' });
    await expect(table.beginRefresh({ mode: { kind: 'append' } }, CONTEXT)).rejects.toMatchObject({
      code: 'unsupported',
    });
    await refresh(table, versionBatches(1, 1));
  });

  it('refuses nulls in a column that the source declared to have none', async () => {
    const [i, ...rest] = VERSION_SCHEMA.fields;
    const table = await open({ schema: { fields: [{ ...i!, nullable: false }, ...rest] } });
    const [batch] = versionBatches(1, 2);
    const nulls = { ...batch!.data.children[0]!, nullCount: 2, nullBitmap: new Uint8Array(1) };
    const broken = { ...batch!, data: { children: [nulls, ...batch!.data.children.slice(1)] } };
    await expect(refresh(table, [broken])).rejects.toMatchObject({ code: 'integrity' });
    expect(await scanAll(table)).toEqual([]);
  });
}

function begin(table: AcceleratedTable, signal: AbortSignal = CONTEXT.signal): Promise<RefreshSession> {
  return table.beginRefresh({ mode: { kind: 'overwrite' } }, { signal });
}
