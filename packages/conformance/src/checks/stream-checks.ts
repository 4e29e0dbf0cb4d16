import type { ExecutionPlan } from '@millrace/core';
import { type Check, defineChecks } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { BIG, WIDE, WIDE_BYTES } from '../data/large-tables.ts';
import { NATION, ORDERS } from '../data/small-tables.ts';
import { idleContext } from '../open-connector.ts';
import { compareMultisets } from '../read/compare-rows.ts';
import { planTable, scanTable } from '../read/scan-table.ts';
import { becomesTrue, PATIENCE_MS, pause, settleWithin } from '../read/wait.ts';

/** How batches flow: in parts, with back-pressure, side by side, and ended early. */
export const STREAM_CHECKS: readonly Check[] = defineChecks('scan', [
  {
    id: 'rows-are-streamed',
    number: 34,
    title: '200,000 rows arrive in several batches, none much larger than asked for',
    fix: 'Read with a cursor or a stream and hand batches on as they fill; `batchRowCount` is the size to aim at.',
    async run(context) {
      const fixture = await context.fixture(BIG);
      const batchRowCount = 10_000;
      const { batches } = await scanTable(await context.open(fixture), {}, { ...idleContext(), batchRowCount });
      const sizes = batches.flat().map(({ numRows }) => numRows);
      if (sizes.length < 2) context.fail({ expected: 'at least 2 batches', found: `${sizes.length}` });
      const largest = Math.max(...sizes);
      if (largest > fixture.rows.length / 2) context.fail({ expected: 'parts', found: `a batch of ${largest} rows` });
    },
  },
  {
    id: 'slow-consumers-hold-the-source',
    number: 35,
    title: 'while the consumer does not pull, what is read ahead stays small',
    fix: 'Pause the socket or stop fetching when a few batches are waiting.',
    timeoutMs: 300_000,
    async run(context) {
      const { cachesInProcess } = context.source;
      if (cachesInProcess !== undefined) return context.skip(cachesInProcess);
      const fixture = await context.fixture(WIDE);
      const table = await context.open(fixture);
      // What is opened once is not read ahead; this table must not be touched before, or memory that it left would be used again.
      await leaveEarly(await planTable(await context.open(await context.fixture(BIG))));
      // Batches of a megabyte: a few of them are no reading ahead.
      const reading = { ...idleContext(), batchRowCount: 500 };
      const plan = await planTable(table, {}, reading);
      const stream = plan.execute(plan.partitions[0]!, reading)[Symbol.asyncIterator]();
      const before = heldBytes();
      await stream.next();
      await pause(1_500);
      const grown = heldBytes() - before;
      await stream.return?.();
      context.note(`${Math.round(grown / 1e6)} MB held after one batch of ${Math.round(WIDE_BYTES / 1e6)} MB`);
      if (grown > WIDE_BYTES * 0.75)
        context.fail({ expected: `less than ${WIDE_BYTES * 0.75} bytes of ${WIDE_BYTES} held`, found: `${grown}` });
    },
  },
  {
    id: 'breaking-out-releases',
    number: 36,
    title: 'leaving the loop after one batch ends the statement at the source and frees the connection',
    fix: 'Release in the generator’s `finally`: cancel the cursor, drain or drop the connection, return it to the pool.',
    async run(context) {
      const fixture = await context.fixture(BIG);
      const table = await context.open(fixture);
      for (let index = 0; index < context.poolSize * 3; index += 1) {
        const leaving = leaveEarly(await planTable(table));
        if ((await settleWithin(PATIENCE_MS, leaving)) === undefined)
          context.fail({ expected: 'the loop is left at once', found: `hanging at scan ${index + 1}` });
      }
      await expectIdle(context);
      await expectFinishes(
        context,
        'a scan afterwards',
        async () => void (await scanTable(table, { projection: [0] })),
      );
    },
  },
  {
    id: 'concurrent-scans',
    number: 37,
    title: 'scans of one table and of two at the same time give each its own rows',
    fix: 'Keep the state of a scan in its stream; one connection runs one stream.',
    async run(context) {
      const [nation, orders] = [await context.fixture(NATION), await context.fixture(ORDERS)];
      const tables = [nation, orders, nation, orders];
      const results = await Promise.all(
        tables.map(async (fixture) => (await scanTable(await context.open(fixture))).rows),
      );
      for (const [index, rows] of results.entries()) {
        const difference = compareMultisets(rows, tables[index]!.rows);
        if (difference) context.fail(difference);
      }
      const plan = await planTable(await context.open(await context.fixture(BIG)));
      const counts = await Promise.all([countRows(plan), countRows(plan)]);
      if (counts[0] !== counts[1]) context.fail({ expected: 'the same rows twice', found: counts.join(' and ') });
    },
  },
  {
    id: 'more-scans-than-connections',
    number: 38,
    title: 'four times as many scans as connections all finish',
    fix: 'Queue for connections, and never wait for a second one while holding one.',
    timeoutMs: 600_000,
    async run(context) {
      const table = await context.open(await context.fixture(BIG));
      const expected = (await context.fixture(BIG)).rows.length;
      await expectFinishes(
        context,
        `${context.poolSize * 4} scans`,
        async () => {
          const all = Array.from({ length: context.poolSize * 4 }, async () =>
            countRows(await planTable(table, { projection: [0] })),
          );
          for (const count of await Promise.all(all))
            if (count !== expected) context.fail({ expected: `${expected} rows each`, found: `${count}` });
        },
        context.count(540_000, 180_000),
      );
    },
  },
  {
    id: 'nested-scans',
    number: 39,
    title: 'another scan may run while one is open, as a lookup does',
    fix: 'Give each stream a connection of its own.',
    async run(context) {
      const [big, nation] = [await context.open(await context.fixture(BIG)), await context.fixture(NATION)];
      const inner = await context.open(nation);
      await expectFinishes(context, 'a scan within a scan', async () => {
        const plan = await planTable(big);
        let batchCount = 0;
        for await (const _ of plan.execute(plan.partitions[0]!, idleContext())) {
          const difference = compareMultisets((await scanTable(inner)).rows, nation.rows);
          if (difference) context.fail(difference);
          batchCount += 1;
          if (batchCount === 3) break;
        }
      });
    },
  },
  {
    id: 'consumer-throws',
    number: 112,
    title: 'a consumer that throws inside its loop leaves nothing behind',
    fix: 'Release in `finally`, whatever ends the generator.',
    async run(context) {
      const table = await context.open(await context.fixture(BIG));
      for (let index = 0; index < context.poolSize * 3; index += 1) {
        const plan = await planTable(table);
        const throwing = (async () => {
          for await (const _ of plan.execute(plan.partitions[0]!, idleContext()))
            throw new RangeError('the consumer’s own');
        })();
        const result = await settleWithin(PATIENCE_MS, throwing);
        if (result === undefined)
          return context.fail({ expected: 'the error comes out', found: `hanging at scan ${index + 1}` });
        if (result.status === 'fulfilled' || !(result.reason instanceof RangeError))
          context.fail({
            expected: 'the consumer’s own error',
            found: String(result.status === 'fulfilled' ? 'none' : result.reason),
          });
      }
      await expectIdle(context);
      await expectFinishes(
        context,
        'a scan afterwards',
        async () => void (await scanTable(table, { projection: [0] })),
      );
    },
  },
]);

/** Counts the rows of a plan, its partitions one after the other. */
export async function countRows(plan: ExecutionPlan): Promise<number> {
  let count = 0;
  for (const partition of plan.partitions)
    for await (const batch of plan.execute(partition, idleContext())) count += batch.numRows;
  return count;
}

/** Waits until the source runs nothing for the connector; passes where the subject does not know. */
export async function expectIdle(context: CheckContext): Promise<void> {
  const { source } = context;
  if (source.activeStatements === undefined) return context.note('the subject does not know what runs at the source');
  if (await becomesTrue(PATIENCE_MS, async () => (await source.activeStatements!()) === 0)) return;
  const statement = (await source.statements?.())?.at(-1);
  context.fail({
    expected: 'no statement running at the source',
    found: `${await source.activeStatements()} running`,
    ...(statement !== undefined && { statement }),
  });
}

/** Waits for something that has to finish. */
export async function expectFinishes(
  context: CheckContext,
  what: string,
  work: () => Promise<void>,
  patienceMs = 180_000,
): Promise<void> {
  const result = await settleWithin(patienceMs, work());
  if (result === undefined)
    return context.fail({ expected: `${what} finish`, found: `nothing within ${patienceMs} ms` });
  if (result.status === 'rejected') throw result.reason;
}

async function leaveEarly(plan: ExecutionPlan): Promise<void> {
  for await (const _ of plan.execute(plan.partitions[0]!, idleContext())) break;
}

/** Memory in use beside JavaScript objects, in bytes: where batches are, whoever allocated them. */
function heldBytes(): number {
  const { external, arrayBuffers, rss, heapTotal } = process.memoryUsage();
  return Math.max(external, arrayBuffers, rss - heapTotal);
}
