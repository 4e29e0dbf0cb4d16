import { isMillraceError, type RefreshSession } from '@millrace/core';
import { idleContext } from '../../open-connector.ts';
import { expectError } from '../../read/expect-error.ts';
import { PATIENCE_MS, pause, settleWithin } from '../../read/wait.ts';
import { type AcceleratorCheck, defineAcceleratorChecks } from '../accelerator-check.ts';
import { beginWithRows } from '../begin-with-rows.ts';
import { versionOf } from '../events.ts';
import { checkpointText, expectTable } from '../expect-table.ts';
import { batchesOf, checkpointOf, writeBatches } from '../write-rows.ts';

const OVERWRITE = { mode: { kind: 'overwrite' } } as const;
const STATE = ['invalid_state'] as const;

/** Ways in which a refresh ends without a commit, or is used in the wrong order. */
export const SESSION_CHECKS: readonly AcceleratorCheck[] = defineAcceleratorChecks('refresh', [
  {
    id: 'without-commit-nothing-changes',
    number: 151,
    title: 'a refresh that is aborted or only disposed leaves rows and checkpoint as they were',
    fix: 'Roll back in `abort`, and abort in the session’s dispose.',
    async run(context) {
      const begun = await beginWithRows(context);
      const ways: readonly (readonly [string, (session: RefreshSession) => Promise<void>])[] = [
        ['abort', (session) => session.abort(new Error('not wanted'))],
        ['dispose', async (session) => session[Symbol.asyncDispose]()],
      ];
      for (const [what, end] of ways)
        for (const isFinished of [true, false]) {
          const session = await begun.opened.table.beginRefresh(OVERWRITE, idleContext());
          const writer = await session.writer();
          for (const batch of batchesOf({ schema: begun.opened.schema, rows: versionOf(9, 1_500) }))
            await writer.write(batch);
          if (isFinished) await writer.finish();
          await end(session);
          await end(session);
          await begun.expectUntouched(`${what} ${isFinished ? 'after' : 'before'} finish`);
        }
      await begun.expectGoesOn();
    },
  },
  {
    id: 'commit-takes-finished-writers',
    number: 151,
    title: 'a commit without a writer, or before its writer has finished, is `invalid_state` and changes nothing',
    fix: 'Count open and finished writers, and refuse a commit while one is open or none has finished.',
    async run(context) {
      const begun = await beginWithRows(context);
      for (const what of ['no writer', 'an open writer', 'a discarded writer']) {
        await using session = await begun.opened.table.beginRefresh(OVERWRITE, idleContext());
        if (what !== 'no writer') {
          const writer = await session.writer();
          for (const batch of batchesOf({ schema: begun.opened.schema, rows: versionOf(9, 50) }))
            await writer.write(batch);
          if (what === 'a discarded writer') await writer[Symbol.asyncDispose]();
        }
        await expectError(context, { what, run: () => session.commit(checkpointOf()), codes: STATE });
        await session.abort();
        await begun.expectUntouched(what);
      }
      await begun.expectGoesOn();
    },
  },
  {
    id: 'sessions-end-once',
    number: 151,
    title: 'after its commit a session takes no rows, no writer and no second commit: `invalid_state`',
    fix: 'Mark the session as ended in `commit` and look at the mark in every method; abort after a commit does nothing.',
    async run(context) {
      const { opened } = await beginWithRows(context);
      const rows = versionOf(2, 60);
      const [batch] = batchesOf({ schema: opened.schema, rows });
      const session = await opened.table.beginRefresh(OVERWRITE, idleContext());
      const writer = await session.writer();
      await writer.write(batch!);
      await writer.finish();
      await expectError(context, { what: 'a write after finish', run: () => writer.write(batch!), codes: STATE });
      await session.commit(checkpointOf());
      const late: readonly (readonly [string, () => Promise<unknown>])[] = [
        ['a second commit', () => session.commit(checkpointOf({ watermark: 'again' }))],
        ['another writer', () => session.writer()],
        ['a write after the commit', () => writer.write(batch!)],
      ];
      for (const [what, run] of late) await expectError(context, { what, run, codes: STATE });
      await session.abort();
      await session[Symbol.asyncDispose]();
      await expectTable(context, opened, { what: 'after everything', rows });
      if (opened.table.checkpoint?.watermark !== undefined)
        context.fail({ expected: 'the checkpoint of the first commit', found: checkpointText(opened.table) });
    },
  },
  {
    id: 'discarded-writers-leave-nothing',
    number: 151,
    title: 'rows of a writer that was disposed before `finish` are not published, and another may take its place',
    fix: 'Forget what a writer has written when it is disposed unfinished.',
    async run(context) {
      const { opened } = await beginWithRows(context);
      const rows = versionOf(3, 1_200);
      await using session = await opened.table.beginRefresh(OVERWRITE, idleContext());
      const discarded = await session.writer();
      for (const batch of batchesOf({ schema: opened.schema, rows: versionOf(2, 900) })) await discarded.write(batch);
      await discarded[Symbol.asyncDispose]();
      await writeBatches(session, batchesOf({ schema: opened.schema, rows }));
      const { rowCount } = await session.commit(checkpointOf());
      if (rowCount !== 1_200n) context.fail({ expected: '1200 rows committed', found: `${rowCount}` });
      await expectTable(context, opened, { what: 'the second writer’s rows', rows });
    },
  },
  {
    id: 'cancellation',
    number: 104,
    title: 'a refresh whose signal is aborted is `cancelled`, changes nothing, and the next one works',
    fix: 'Look at the signal of beginRefresh in write, finish and commit, and wait for nothing past it.',
    async run(context) {
      const begun = await beginWithRows(context);
      const { table, schema } = begun.opened;
      for (const moment of ['before it begins', 'before a write', 'before the commit']) {
        const abort = new AbortController();
        const run = async (): Promise<void> => {
          if (moment === 'before it begins') abort.abort();
          await using session = await table.beginRefresh(OVERWRITE, { signal: abort.signal });
          await using writer = await session.writer();
          for (const batch of batchesOf({ schema, rows: versionOf(9, 3_000) })) {
            await writer.write(batch);
            if (moment === 'before a write') abort.abort();
          }
          await writer.finish();
          abort.abort();
          await session.commit(checkpointOf());
        };
        await expectError(context, { what: `an abort ${moment}`, run, codes: ['cancelled'] });
        await begun.expectUntouched(`an abort ${moment}`);
      }
      await begun.expectGoesOn();
    },
  },
  {
    id: 'one-at-a-time',
    number: 157,
    title: 'a second refresh of a table while one runs is a `conflict`, and works once that has ended',
    fix: 'Remember the session that runs, and throw `conflict` from beginRefresh until it was committed or aborted.',
    async run(context) {
      const begun = await beginWithRows(context);
      const { table, schema } = begun.opened;
      const begin = (): Promise<RefreshSession> => table.beginRefresh(OVERWRITE, idleContext());
      const first = await begin();
      await expectError(context, { what: 'a second beginRefresh', run: begin, codes: ['conflict'] });
      await writeBatches(first, batchesOf({ schema, rows: versionOf(5, 10) }));
      await expectError(context, { what: 'one before the commit', run: begin, codes: ['conflict'] });
      await first.commit(checkpointOf());
      await expectTable(context, begun.opened, { what: 'the first refresh', rows: versionOf(5, 10) });
      await (await begin()).abort();
      await begun.expectGoesOn();
    },
  },
  {
    id: 'shutdown-during-refresh',
    number: 157,
    title: 'a shutdown while a refresh runs ends both: the refresh fails with a code, nothing hangs',
    fix: 'Abort the running refresh in `shutdown`, and refuse everything on its session afterwards.',
    async run(context) {
      const { opened } = await beginWithRows(context);
      const session = await opened.table.beginRefresh(OVERWRITE, idleContext());
      const writer = await session.writer();
      const [batch] = batchesOf({ schema: opened.schema, rows: versionOf(9, 1_000) });
      await writer.write(batch!);
      const writing = (async () => {
        for (let count = 0; count < 300; count += 1) {
          await writer.write(batch!);
          await pause(0);
        }
        await writer.finish();
        await session.commit(checkpointOf());
      })();
      const ended = settleWithin(PATIENCE_MS, writing);
      const closed = await settleWithin(PATIENCE_MS, opened.accelerator.shutdown());
      const result = await ended;
      if (closed === undefined || result === undefined)
        return context.fail({ expected: 'both end', found: `a hanging ${closed ? 'refresh' : 'shutdown'}` });
      if (closed.status === 'rejected') throw closed.reason;
      if (result.status === 'fulfilled') context.fail({ expected: 'an error of the refresh', found: 'success' });
      else if (!isMillraceError(result.reason))
        context.fail({ expected: 'a typed error of the refresh', found: String(result.reason) });
      await session.abort();
      await session[Symbol.asyncDispose]();
    },
  },
]);
