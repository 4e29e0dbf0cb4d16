import { batchFromRows } from '@millrace/arrow';
import { dataTypes, field, type WriteMode } from '@millrace/core';
import { idleContext } from '../../open-connector.ts';
import { expectError } from '../../read/expect-error.ts';
import { PATIENCE_MS, settleWithin } from '../../read/wait.ts';
import { type AcceleratorCheck, defineAcceleratorChecks } from '../accelerator-check.ts';
import { beginWithRows } from '../begin-with-rows.ts';
import { EVENT_FIELDS, event, versionOf } from '../events.ts';
import { batchesOf, checkpointOf, refreshTable, writeBatches } from '../write-rows.ts';

const OVERWRITE = { mode: { kind: 'overwrite' } } as const;

/** Refreshes that cannot succeed, and leave everything as it was. */
export const REFUSAL_CHECKS: readonly AcceleratorCheck[] = defineAcceleratorChecks('refresh', [
  {
    id: 'wrong-columns-are-refused',
    number: 158,
    title: 'a batch with other columns than the table fails with a code, and the old rows stay',
    fix: 'Compare each batch’s fields with the command’s schema, and throw `schema_mismatch`.',
    async run(context) {
      const begun = await beginWithRows(context);
      const [id, at] = [EVENT_FIELDS[0]!, EVENT_FIELDS[1]!];
      const wrong = [
        batchFromRows({ fields: [id, at] }, [[1n, null]]),
        batchFromRows({ fields: [id, at, field('text', dataTypes.int32())] }, [[1n, null, 7]]),
      ];
      for (const [index, batch] of wrong.entries()) {
        await using session = await begun.opened.table.beginRefresh(OVERWRITE, idleContext());
        const run = async (): Promise<void> => {
          await writeBatches(session, [batch]);
          await session.commit(checkpointOf());
        };
        const what = index === 0 ? 'a column less' : 'a column of another type';
        const codes = ['schema_mismatch', 'invalid_data', 'invalid_argument', 'unsupported_type'] as const;
        await expectError(context, { what, run, codes });
        await session.abort();
        await begun.expectUntouched(what);
      }
      await begun.expectGoesOn();
    },
  },
  {
    id: 'failed-sources-change-nothing',
    number: 151,
    title: 'a source that fails in the middle of a refresh leaves rows and checkpoint as they were',
    fix: 'Publish in `commit` alone.',
    async run(context) {
      const begun = await beginWithRows(context);
      const { table, schema } = begun.opened;
      const failing = (function* () {
        yield* batchesOf({ schema, rows: versionOf(9, 5_000) });
        throw new RangeError('the source broke off');
      })();
      const refreshing = (async () => {
        await using session = await table.beginRefresh(OVERWRITE, idleContext());
        await writeBatches(session, failing);
        await session.commit(checkpointOf());
      })();
      const result = await settleWithin(PATIENCE_MS, refreshing);
      if (result?.status !== 'rejected' || !(result.reason instanceof RangeError))
        context.fail({ expected: 'the source’s own error', found: result ? String(Object(result).reason) : 'nothing' });
      await begun.expectUntouched('after the failure');
      await begun.expectGoesOn();
    },
  },
  {
    id: 'unlisted-modes-are-unsupported',
    number: 135,
    title: 'a refresh that the factory does not list is `unsupported`, and changes nothing',
    fix: 'List `append` in refreshModes and know overwrite_where (`changes`: changes), or refuse the mode in beginRefresh.',
    async run(context) {
      const begun = await beginWithRows(context);
      const { refreshModes = ['full'] } = context.subject.plugin;
      const modes: WriteMode[] = [{ kind: 'append' }, { kind: 'overwrite_partitions' }];
      if (!refreshModes.includes('append')) modes.push({ kind: 'overwrite_where', filters: [] });
      if (!refreshModes.includes('changes')) modes.push({ kind: 'changes' });
      for (const mode of modes)
        await expectError(context, {
          what: `a refresh of the kind ${mode.kind}`,
          run: () => begun.opened.table.beginRefresh({ mode }, idleContext()),
          codes: ['unsupported'],
        });
      await begun.expectUntouched('after them');
      await begun.expectGoesOn();
    },
  },
  {
    id: 'memory-limit',
    number: 160,
    title: 'rows beyond the memory limit are `resource_exhausted` with advice, and the old rows stay',
    fix: 'Count the bytes while they are written, and throw before they are too many.',
    async run(context) {
      const { memoryLimit } = context.subject;
      if (memoryLimit === undefined) return context.skip('the accelerator has no parameter that limits memory');
      const parameters = memoryLimit(4_000_000);
      const begun = await beginWithRows(context, parameters);
      const { table, schema } = begun.opened;
      const wide = Array.from({ length: 4_000 }, (_, id) => event(id, id, `${id} ${'x'.repeat(5_000)}`));
      const run = () => refreshTable(table, { schema, rows: wide });
      const error = await expectError(context, { what: '20 MB', run, codes: ['resource_exhausted'] });
      if (error.hint === undefined) context.fail({ expected: 'a hint', found: `none: ${error.message}` });
      await begun.expectUntouched('after too many bytes');
      await begun.expectGoesOn();
    },
  },
]);
