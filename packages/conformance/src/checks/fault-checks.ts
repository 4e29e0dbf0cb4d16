import { getEventListeners } from 'node:events';
import { isMillraceError, type ScanContext, type TableProvider } from '@millrace/core';
import { type Check, defineChecks } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { BIG } from '../data/large-tables.ts';
import { NATION, REGION } from '../data/small-tables.ts';
import { idleContext } from '../open-connector.ts';
import { compareMultisets } from '../read/compare-rows.ts';
import { expectError } from '../read/expect-error.ts';
import { planTable, scanTable } from '../read/scan-table.ts';
import { markStatements, readsSince } from '../read/statements.ts';
import { pause, settleWithin } from '../read/wait.ts';
import { countRows, expectFinishes, expectIdle } from './stream-checks.ts';

/** Aborts, time limits, lost connections and damaged data. */
export const FAULT_CHECKS: readonly Check[] = defineChecks('faults', [
  {
    id: 'abort-before-reading',
    number: 104,
    title: 'a scan whose signal aborts before the first `next()` is `cancelled` and sends nothing',
    fix: 'Look at the signal before anything is sent, and throw cancelledError().',
    async run(context) {
      const fixture = await context.fixture(NATION);
      const plan = await planTable(await context.open(fixture));
      const mark = await markStatements(context);
      const abort = new AbortController();
      const stream = plan.execute(plan.partitions[0]!, { signal: abort.signal });
      abort.abort(new Error('not wanted any more'));
      const run = async () => {
        for await (const _ of stream);
      };
      await expectError(context, { what: 'reading after the abort', run, codes: ['cancelled'] });
      const sent = await readsSince(context, mark, fixture.location);
      if (sent !== undefined && sent.length > 0)
        context.fail({ expected: 'no statement', found: `${sent.length}`, statement: sent[0]! });
    },
  },
  {
    id: 'abort-while-reading',
    number: 105,
    title: 'an abort in the middle rejects at once with `cancelled`, and the statement is gone at the source',
    fix: 'Race every wait against the signal, and cancel the statement at the source, not only locally.',
    async run(context) {
      const table = await context.open(await context.fixture(BIG));
      await expectError(context, {
        what: 'an abort after the first batch',
        run: () => abortAfterFirst(table),
        codes: ['cancelled'],
      });
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 5);
      const run = async () => {
        for (;;) {
          await scanTable(table, {}, { signal: abort.signal });
          // A connector that never waits would leave the timer no turn.
          await pause(0);
        }
      };
      await expectError(context, { what: 'an abort at any moment', run, codes: ['cancelled'] });
      await expectIdle(context);
    },
  },
  {
    id: 'healthy-after-aborts',
    number: 106,
    title: 'after aborts the next queries get their own rows, never a late cancellation',
    fix: 'Await the end of a cancelled statement before its connection is used again, or drop the connection.',
    timeoutMs: 300_000,
    async run(context) {
      const [big, nation] = [await context.open(await context.fixture(BIG)), await context.fixture(NATION)];
      const small = await context.open(nation);
      for (let round = 0; round < context.count(50, 8); round += 1) {
        const aborted = Array.from({ length: context.poolSize }, () => abortAfterFirst(big));
        const results = await settleWithin(180_000, Promise.allSettled(aborted));
        if (results === undefined)
          return context.fail({ expected: 'aborted scans end', found: `hanging in round ${round}` });
        for (let query = 0; query < context.poolSize; query += 1) {
          const { rows } = await scanTable(small);
          const difference = compareMultisets(rows, nation.rows);
          if (difference) context.fail(difference);
        }
      }
    },
  },
  {
    id: 'time-limits',
    number: 107,
    title: 'a statement that takes longer than the configured time is `timeout`',
    fix: 'Set the limit at the source for each session, and map its code for it to `timeout`.',
    async run(context) {
      const timeout = context.subject.faults?.timeout;
      if (timeout === undefined) return context.skip('the subject names no parameter for a time limit');
      const open = await context.connect(timeout.parameters);
      const run = async () => scanTable(await open.table(timeout.slow));
      await expectError(context, { what: 'a slow statement', run, codes: ['timeout'], patienceMs: 180_000 });
    },
  },
  {
    id: 'lost-connections',
    number: 108,
    title: 'connections that break in the middle give a retryable error or every row, and the next query works',
    fix: 'Turn the end of a socket into an error of the stream; never take it for the end of the rows.',
    async run(context) {
      const { source } = context;
      if (source.breakConnections === undefined) return context.skip('the subject cannot break connections');
      const fixture = await context.fixture(BIG);
      const table = await context.open(fixture);
      // Small batches, so that the break comes long before the last row.
      const reading = { ...idleContext(), batchRowCount: 1_000 };
      const plan = await planTable(table, {}, reading);
      let rowCount = 0;
      let isBroken = false;
      const scanning = (async () => {
        for (const partition of plan.partitions)
          for await (const batch of plan.execute(partition, reading)) {
            rowCount += batch.numRows;
            if (!isBroken) await source.breakConnections!();
            isBroken = true;
          }
      })();
      const result = await settleWithin(180_000, scanning);
      if (result === undefined) return context.fail({ expected: 'an error', found: 'a scan that hangs' });
      if (result.status === 'fulfilled' && rowCount !== fixture.rows.length)
        context.fail({
          expected: `${fixture.rows.length} rows or an error`,
          found: `${rowCount} rows and a normal end`,
        });
      if (result.status === 'rejected') {
        const error: unknown = result.reason;
        if (!isMillraceError(error) || !['io', 'unavailable'].includes(error.code) || !error.retryable)
          context.fail({ expected: 'a retryable io or unavailable', found: String(error) });
      }
      await pause(100);
      await expectFinishes(context, 'a scan afterwards', async () => {
        const { rows } = await scanTable(table, { projection: [0] });
        if (rows.length !== fixture.rows.length)
          context.fail({ expected: `${fixture.rows.length} rows`, found: `${rows.length}` });
      });
    },
  },
  {
    id: 'damaged-data',
    number: 109,
    title: 'damaged data is a typed error that names it, and never rows',
    fix: 'Check signatures and lengths, and throw `invalid_data` with the file’s name.',
    async run(context) {
      const { source } = context;
      if (source.corrupt === undefined) return context.skip('the subject cannot damage data');
      const fixture = await context.fixture({ ...NATION, name: 'damaged' });
      const intact = await context.fixture(REGION);
      await source.corrupt(fixture.location);
      const run = async () => scanTable(await context.open(fixture));
      const codes = ['invalid_data', 'schema_inference', 'schema_mismatch'] as const;
      const error = await expectError(context, { what: 'reading damaged data', run, codes });
      if (!error.message.includes('damaged'))
        context.fail({ expected: 'a message that names what is damaged', found: error.message });
      const difference = compareMultisets((await scanTable(await context.open(intact))).rows, intact.rows);
      if (difference) context.fail({ ...difference, expected: `the other tables as they are: ${difference.expected}` });
    },
  },
  {
    id: 'errors-midway',
    number: 110,
    title: 'an error of the source after thousands of rows ends the stream with its code',
    fix: 'Pass errors of the stream on; a stream that broke off must not end normally.',
    async run(context) {
      const midway = context.subject.faults?.failsMidway;
      if (midway === undefined) return context.skip('the subject names no relation that fails midway');
      const run = async () => countRows(await planTable(await context.open(midway.table)));
      await expectError(context, { what: 'reading it', run, codes: [midway.code] });
    },
  },
  {
    id: 'open-and-abort-cycles',
    number: 113,
    title: 'opening and aborting scans again and again leaks neither connections nor listeners',
    fix: 'Remove listeners and return connections in `finally`.',
    timeoutMs: 600_000,
    async run(context) {
      const table = await context.open(await context.fixture(BIG));
      const cycles = context.count(1_000, 60);
      const before = await context.source.connectionCount?.();
      const outer = new AbortController();
      for (let cycle = 0; cycle < cycles; cycle += 1) {
        const isRead = cycle % 3 === 0;
        const scan = isRead ? readFirst(table, { signal: outer.signal }) : abortAfterFirst(table);
        const ended = await settleWithin(180_000, scan);
        if (ended === undefined)
          return context.fail({ expected: 'each cycle ends', found: `hanging in cycle ${cycle}` });
        // An aborted scan rejects; one that nobody aborts has no reason to.
        if (isRead && ended.status === 'rejected') throw ended.reason;
      }
      await pause(50);
      const listeners = getEventListeners(outer.signal, 'abort').length;
      if (listeners > context.poolSize)
        context.fail({ expected: 'no listener left at the signal', found: `${listeners} after ${cycles} cycles` });
      await expectIdle(context);
      const after = await context.source.connectionCount?.();
      if (before !== undefined && after !== undefined && after > Math.max(before, context.poolSize))
        context.fail({ expected: `${Math.max(before, context.poolSize)} connections`, found: `${after}` });
      context.note(`${cycles} cycles`);
    },
  },
]);

/** Reads one batch, aborts, and goes on. */
async function abortAfterFirst(table: TableProvider): Promise<never> {
  const abort = new AbortController();
  const context: ScanContext = { signal: abort.signal };
  const plan = await planTable(table, {}, context);
  // A small table may be through with its first partition when the abort comes, so that all are read.
  for (;;) {
    for (const partition of plan.partitions) for await (const _ of plan.execute(partition, context)) abort.abort();
    if (abort.signal.aborted) throw new RangeError('the scan ended normally although it was aborted');
  }
}

async function readFirst(table: TableProvider, context: ScanContext): Promise<void> {
  const plan = await planTable(table, {}, context);
  for await (const _ of plan.execute(plan.partitions[0]!, context)) break;
}

/** The last check of a run: what went wrong with nobody looking. */
export const PROCESS_CHECKS: readonly Check[] = defineChecks('faults', [
  {
    id: 'no-unhandled-rejections',
    number: 111,
    title: 'no promise was rejected with nobody listening, in the whole run',
    fix: 'Await, or catch, every promise: background fetches, cancellations, closing sockets.',
    async run(context: CheckContext) {
      await pause(100);
      const [first] = context.unhandled;
      if (first !== undefined)
        context.fail({
          expected: 'none',
          found: `${context.unhandled.length}: ${first instanceof Error ? (first.stack ?? first.message) : String(first)}`,
        });
    },
  },
]);
