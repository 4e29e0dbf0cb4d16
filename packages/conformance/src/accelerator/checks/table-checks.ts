import { fieldsEqual } from '@millrace/arrow';
import { isMillraceError, type RefreshSession } from '@millrace/core';
import { describeProblems } from '../../checks/identity-checks.ts';
import { describeSchema } from '../../checks/schema-checks.ts';
import { idleContext } from '../../open-connector.ts';
import { expectError } from '../../read/expect-error.ts';
import { planTable, scanTable } from '../../read/scan-table.ts';
import { PATIENCE_MS, settleWithin } from '../../read/wait.ts';
import { presentedFields } from '../accelerated-source.ts';
import { type AcceleratorCheck, defineAcceleratorChecks } from '../accelerator-check.ts';
import { EVENT_FIELDS, versionOf } from '../events.ts';
import { expectTable } from '../expect-table.ts';
import { batchesOf, refreshTable } from '../write-rows.ts';

/** What an accelerator says of itself, how its tables begin and end. */
export const TABLE_CHECKS: readonly AcceleratorCheck[] = defineAcceleratorChecks('table', [
  {
    id: 'factory-describes-itself',
    number: 1,
    title: 'the factory has an id, a prefix, modes, extensions for files, and parameters that are described',
    fix: 'Make the factory with defineAccelerator; describe each ParameterSpec; let manifest, `modes` and `refreshModes` agree.',
    async run({ subject: { plugin }, suite: { capabilities }, fail }) {
      const { modes, validFileExtensions, refreshModes = ['full'] } = plugin;
      const problems = [...describeProblems(plugin, 'accelerator')];
      if (modes.length === 0) problems.push('no mode');
      if (modes.includes('file') && validFileExtensions.length === 0) problems.push('mode file without extensions');
      problems.push(...validFileExtensions.filter((each) => !/^\.\w+$/.test(each)).map((each) => `extension ${each}`));
      const pairs: readonly (readonly [string, readonly string[], readonly string[]])[] = [
        ['modes', modes, capabilities.modes],
        ['refresh', refreshModes, capabilities.refresh],
      ];
      for (const [what, told, declared] of pairs)
        if ([...told].sort().join() !== [...declared].sort().join())
          problems.push(`${what}: the manifest declares ${declared.join(', ')} and the factory ${told.join(', ')}`);
      if (problems.length > 0) fail({ expected: 'a complete description', found: problems.join('; ') });
    },
  },
  {
    id: 'new-tables-are-empty',
    number: 151,
    title: 'a table that was never refreshed has the documented columns, no rows and no checkpoint',
    fix: 'Create the columns from the command’s schema, and give no checkpoint before the first commit.',
    async run(context) {
      const { accelerator, command, status, table } = await context.open();
      if (status.kind !== 'empty') context.fail({ expected: 'init: empty', found: status.kind });
      if (!accelerator.isInitialized(command)) context.fail({ expected: 'isInitialized', found: 'false after init' });
      const fields = presentedFields(context.subject, EVENT_FIELDS);
      const isEqual =
        table.schema.fields.length === fields.length &&
        table.schema.fields.every((each, index) => fieldsEqual(each, fields[index]!));
      if (!isEqual) context.fail({ expected: describeSchema({ fields }), found: describeSchema(table.schema) });
      if (table.checkpoint !== undefined) context.fail({ expected: 'no checkpoint', found: 'one' });
      const { rows } = await scanTable(table);
      if (rows.length > 0) context.fail({ expected: 'no rows', found: `${rows.length}` });
    },
  },
  {
    id: 'opening-is-idempotent',
    number: 151,
    title: '`init` and `createExternalTable` called again give the same table and leave its rows alone',
    fix: 'Remember what was opened; never create a table again that is there.',
    async run(context) {
      const opened = await context.open();
      const rows = versionOf(1, 20);
      await refreshTable(opened.table, { schema: opened.schema, rows });
      const { accelerator, command, table: source } = opened;
      await accelerator.init(command, idleContext());
      const table = await accelerator.createExternalTable(command, source, [], idleContext());
      if (table.checkpoint?.rowCount !== 20n)
        context.fail({ expected: 'the checkpoint of 20 rows', found: String(table.checkpoint?.rowCount) });
      await expectTable(context, { ...opened, table }, { what: 'opened again', rows });
    },
  },
  {
    id: 'layout-is-told',
    number: 151,
    title:
      '`filePath` and `accelerationLayout` say where the rows are: nowhere in memory, in a file of a known extension',
    fix: 'Name the file after the dataset in the data directory, with one of validFileExtensions.',
    async run(context) {
      const { accelerator, command, table, schema } = await context.open();
      await refreshTable(table, { schema, rows: versionOf(1, 20) });
      const path = accelerator.filePath(command);
      const { kind } = accelerator.accelerationLayout;
      if (context.mode === 'memory') {
        if (path !== undefined || kind !== 'memory')
          context.fail({ expected: 'no path, layout memory', found: `${path}, layout ${kind}` });
        return;
      }
      const extensions = context.subject.plugin.validFileExtensions;
      const isRight = path !== undefined && (kind === 'directory' || extensions.some((each) => path.endsWith(each)));
      if (!isRight || kind === 'memory')
        context.fail({ expected: `a path that ends in ${extensions.join(' or ')}`, found: `${path}, layout ${kind}` });
    },
  },
  {
    id: 'unlisted-modes-are-refused',
    number: 151,
    title: 'a mode that the factory does not list is refused with a code',
    fix: 'Throw `unsupported` from init and createExternalTable for a mode that is not yours.',
    async run(context) {
      const { modes } = context.subject.plugin;
      const other = (['memory', 'file'] as const).find((each) => !modes.includes(each));
      if (other === undefined) return context.skip('the factory lists every mode');
      const run = () => context.open({ mode: other });
      await expectError(context, { what: `mode ${other}`, run, codes: ['unsupported', 'invalid_config'] });
    },
  },
  {
    id: 'tables-without-columns',
    number: 151,
    title: 'a table without columns is refused with a code, or keeps the count of its rows',
    fix: 'Throw `unsupported` for a schema without fields, or keep `numRows` of its batches.',
    async run(context) {
      try {
        const { table, schema } = await context.open({ fields: [] });
        await refreshTable(table, { schema, rows: [[], [], []] });
        const { rows } = await scanTable(table);
        if (rows.length !== 3) context.fail({ expected: '3 rows without columns', found: `${rows.length}` });
      } catch (error) {
        if (!isMillraceError(error)) throw error;
        context.note(`refused: ${error.code}`);
      }
    },
  },
  {
    id: 'shutdown-is-final',
    number: 8,
    title: 'shutdown twice is harmless, and the table afterwards is `invalid_state`',
    fix: 'Make `shutdown` idempotent, and refuse scans and refreshes after it with `invalid_state`.',
    async run(context) {
      const { accelerator, table, schema } = await context.open();
      await refreshTable(table, { schema, rows: versionOf(1, 20) });
      await accelerator.shutdown();
      await accelerator.shutdown();
      await accelerator[Symbol.asyncDispose]();
      const codes = ['invalid_state'] as const;
      await expectError(context, { what: 'a scan after shutdown', run: () => scanTable(table), codes });
      const run = (): Promise<RefreshSession> => table.beginRefresh({ mode: { kind: 'overwrite' } }, idleContext());
      await expectError(context, { what: 'a refresh after shutdown', run, codes });
    },
  },
  {
    id: 'shutdown-during-scan',
    number: 9,
    title: 'a scan that is open at shutdown fails with a code or gives every row',
    fix: 'End open scans with `invalid_state` or `cancelled`, or let them keep their rows to the end.',
    async run(context) {
      const { accelerator, table, schema } = await context.open();
      const count = 30_000;
      await refreshTable(table, { schema, rows: versionOf(1, count) });
      const reading = { ...idleContext(), batchRowCount: 1_000 };
      const plan = await planTable(table, {}, reading);
      const streams = plan.partitions.map((partition) => plan.execute(partition, reading)[Symbol.asyncIterator]());
      let rowCount = 0;
      for (const stream of streams) {
        const first = await stream.next();
        if (!first.done) rowCount += first.value.numRows;
      }
      const closing = settleWithin(PATIENCE_MS, accelerator.shutdown());
      const rest = async (): Promise<void> => {
        for (const stream of streams)
          for (let next = await stream.next(); !next.done; next = await stream.next()) rowCount += next.value.numRows;
      };
      const ended = await settleWithin(PATIENCE_MS, rest());
      if (ended === undefined || (await closing) === undefined)
        return context.fail({
          expected: 'scan and shutdown end',
          found: ended ? 'a hanging shutdown' : 'a hanging scan',
        });
      if (ended.status === 'rejected' && !isMillraceError(ended.reason))
        context.fail({ expected: 'a typed error', found: String(ended.reason) });
      if (ended.status === 'fulfilled' && rowCount !== count)
        context.fail({ expected: `${count} rows or an error`, found: `${rowCount} rows and a normal end` });
    },
  },
  {
    id: 'instances-are-independent',
    number: 10,
    title: 'two accelerators in one process share no state that shutting one down would end',
    fix: 'Count the users of what is shared, and close it with the last one.',
    async run(context) {
      const [one, other] = [await context.open(), await context.open()];
      const rows = versionOf(2, 20);
      await refreshTable(one.table, { schema: one.schema, rows: versionOf(1, 20) });
      await using session = await other.table.beginRefresh({ mode: { kind: 'overwrite' } }, idleContext());
      await using writer = await session.writer();
      await one.shutdown();
      for (const batch of batchesOf({ schema: other.schema, rows })) await writer.write(batch);
      await writer.finish();
      await session.commit({ refreshedAtMs: 1, bootstrapComplete: true });
      await expectTable(context, other, { what: 'the other table', rows });
    },
  },
]);
