import type { BuildValue } from '@millrace/arrow';
import { dataTypes, type Field, field, isMillraceError, type OnConflict, type WriteMode } from '@millrace/core';
import { required } from '../../data/small-tables.ts';
import { columnOf, condition, literalOf } from '../../expressions.ts';
import { expectError } from '../../read/expect-error.ts';
import { scanTable } from '../../read/scan-table.ts';
import { type AcceleratorCheck, defineAcceleratorChecks } from '../accelerator-check.ts';
import type { Accelerated, AcceleratorContext, OpenAcceleratedRequest } from '../accelerator-context.ts';
import { tableColumn } from '../append-window.ts';
import { checkpointText, expectCheckpoint, expectTable } from '../expect-table.ts';
import { refreshTable, type SourceRows } from '../write-rows.ts';

const FIELDS: readonly Field[] = [required('id', dataTypes.int64()), field('value', dataTypes.utf8())];
const BEFORE: SourceRows = [row(1, 'a'), row(2, 'b'), row(7, null)];

/** What becomes of rows with one key, and of rows that break a unique index. */
export const CONFLICT_CHECKS: readonly AcceleratorCheck[] = defineAcceleratorChecks('conflict', [
  {
    id: 'upsert',
    number: 156,
    title:
      'upsert, the default: the written row replaces the one with its key; several written with one key are `integrity`',
    fix: 'Delete the rows whose key is written, outside of the window too; refuse keys that are written twice before anything is published.',
    async run(context) {
      for (const rule of [undefined, 'upsert'] as const) {
        await expectRows(context, rule, {
          written: [row(2, 'c'), row(3, 'd')],
          after: [row(1, 'a'), row(2, 'c'), row(3, 'd'), row(7, null)],
        });
        await expectRefused(context, rule, [row(3, 'c'), row(3, 'd')]);
        await expectRefused(context, rule, [row(2, 'c'), row(4, 'x'), row(2, 'c')]);
      }
    },
  },
  {
    id: 'drop',
    number: 156,
    title: 'drop: the row that was there first stays, among the written ones too',
    fix: 'Insert a written row only where no row that stays, and none written before it, has its key.',
    run: (context) =>
      expectRows(context, 'drop', {
        written: [row(2, 'c'), row(3, 'd'), row(3, 'e'), row(7, 'f')],
        after: [row(1, 'a'), row(2, 'b'), row(3, 'd'), row(7, null)],
        fresh: [row(2, 'c'), row(3, 'd'), row(7, 'f')],
      }),
  },
  {
    id: 'upsert-dedup',
    number: 156,
    title: 'upsert_dedup: written rows that are equal in every column count once; others with one key are `integrity`',
    fix: 'Reduce what is written to its different rows (null equal to null), then do as upsert does.',
    async run(context) {
      await expectRows(context, 'upsert_dedup', {
        written: [row(2, 'c'), row(3, null), row(2, 'c'), row(3, null)],
        after: [row(1, 'a'), row(2, 'c'), row(3, null), row(7, null)],
      });
      await expectRefused(context, 'upsert_dedup', [row(2, 'c'), row(2, 'd')]);
      await expectRefused(context, 'upsert_dedup', [row(3, 'c'), row(3, null)]);
    },
  },
  {
    id: 'upsert-dedup-by-row-id',
    number: 156,
    title: 'upsert_dedup_by_row_id: of rows with one key the one that was written last wins, within a batch and across',
    fix: 'Number the written rows in their order, and keep the highest number of each key.',
    run: (context) =>
      expectRows(context, 'upsert_dedup_by_row_id', {
        written: [row(2, 'z'), row(3, 'x'), row(2, 'c'), row(2, null), row(2, 'y'), row(3, 'a')],
        after: [row(1, 'a'), row(2, 'y'), row(3, 'a'), row(7, null)],
      }),
  },
  {
    id: 'composite-keys',
    number: 156,
    title: 'a key of two columns is one only where both are equal',
    fix: 'Compare all columns of the key, each by its own value; never a text joined from them.',
    async run(context) {
      context.requireAppend();
      const fields = [
        required('a', dataTypes.utf8()),
        required('b', dataTypes.utf8()),
        field('value', dataTypes.utf8()),
      ];
      const opened = await context.open({ fields, primaryKey: ['a', 'b'] });
      const { table, schema } = opened;
      const before = [
        ['x', 'y', '1'],
        ['x', 'z', '2'],
        ['y', 'x', '3'],
        ['xy', '', '4'],
        ['', 'xy', '5'],
      ];
      await refreshTable(table, { schema, rows: before });
      await expectTable(context, opened, { what: 'five keys', rows: before });
      const written = [
        ['x', 'z', 'new'],
        ['x', 'yz', '6'],
        ['xy', 'z', '7'],
      ];
      await refreshTable(table, { schema, rows: written, mode: nothingOf(opened, 'value') });
      const after = [...before.filter(([, , value]) => value !== '2'), ...written];
      await expectTable(context, opened, { what: 'one of them replaced', rows: after });
    },
  },
  {
    id: 'keys-by-value',
    number: 156,
    title: 'keys that look alike are different: integers beyond 2^53, texts by case, accents and spaces',
    fix: 'Compare keys in their own type, texts by their bytes.',
    async run(context) {
      context.requireAppend();
      const keys: readonly (readonly [Field['type'], readonly BuildValue[]])[] = [
        [dataTypes.int64(), [2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, 2n ** 63n - 2n, 0n]],
        [dataTypes.utf8(), ['a', 'A', 'a ', 'ä', 'a\u0308', '', ' ', '1', '01', 'NULL']],
      ];
      for (const [type, values] of keys) {
        const fields = [required('id', type), field('value', dataTypes.utf8())];
        const opened = await context.open({ fields, primaryKey: ['id'] });
        const { table, schema } = opened;
        await refreshTable(table, { schema, rows: values.map((value) => [value, 'old']) });
        const mode = nothingOf(opened, 'value');
        await refreshTable(table, { schema, rows: [[values[0]!, 'new']], mode });
        const after = values.map((value, index) => [value, index === 0 ? 'new' : 'old']);
        await expectTable(context, opened, { what: 'one key replaced', rows: after as SourceRows });
      }
    },
  },
  {
    id: 'missing-keys',
    number: 156,
    title: 'rows whose key is missing are refused with a code, or all kept: null is no key',
    fix: 'Declare key columns NOT NULL, or leave rows without a key alone.',
    async run(context) {
      context.requireAppend();
      const fields = [field('id', dataTypes.int64()), field('value', dataTypes.utf8())];
      const opened = await context.open({ fields, primaryKey: ['id'], onConflict: 'upsert' });
      const { table, schema } = opened;
      await refreshTable(table, { schema, rows: BEFORE });
      const written: SourceRows = [[null, 'x'], row(2, 'c'), [null, 'y'], [null, 'x']];
      let after: SourceRows = [row(1, 'a'), ...written, row(7, null)];
      try {
        await refreshTable(table, { schema, rows: written, mode: nothingOf(opened, 'value') });
      } catch (error) {
        if (!isMillraceError(error)) throw error;
        if (!['integrity', 'invalid_data', 'invalid_argument', 'unsupported'].includes(error.code))
          context.fail({ expected: 'the code integrity or invalid_data', found: `${error.code}: ${error.message}` });
        context.note(`refused: ${error.code}`);
        after = BEFORE;
      }
      await expectTable(context, opened, { what: 'after rows without a key', rows: after });
    },
  },
  {
    id: 'keys-hold-after-many-refreshes',
    number: 156,
    title: 'a table with a key holds each key once after many upserts, and finds a row by it',
    fix: 'Keep the key’s index in step with the rows, or look at the rows themselves.',
    async run(context) {
      context.requireAppend();
      const opened = await context.open({
        fields: FIELDS,
        primaryKey: ['id'],
        indexes: [{ columns: ['value'], unique: false }],
      });
      const { table, schema } = opened;
      const current = new Map<number, string>();
      for (let round = 0; round < 8; round += 1) {
        const ids = Array.from({ length: 200 }, (_, index) => (index * 3 + round * 101) % 701);
        for (const id of ids) current.set(id, `round ${round}`);
        const mode: WriteMode = round === 0 ? { kind: 'overwrite' } : nothingOf(opened, 'value');
        await refreshTable(table, { schema, rows: ids.map((id) => row(id, `round ${round}`)), mode });
      }
      await expectTable(context, opened, {
        what: 'eight rounds',
        rows: [...current].map(([id, text]) => row(id, text)),
      });
      const column = tableColumn(opened, 'id');
      for (const id of [0, 101, 700]) {
        const filter = condition('eq', columnOf(column), literalOf(column.type, BigInt(id)));
        const { plan, rows } = await scanTable(table, { filters: [filter] });
        const found = rows.filter(([key]) => key === BigInt(id)).map(([, text]) => text);
        if (plan.applied.filters[0] === 'exact' && rows.length !== found.length)
          context.fail({ expected: `the row of key ${id} alone`, found: `${rows.length} rows` });
        const wanted = current.get(id);
        if (found.join() !== (wanted ?? ''))
          context.fail({ expected: `key ${id}: ${wanted ?? 'no row'}`, found: found.join(' and ') || 'no row' });
      }
    },
  },
  {
    id: 'unique-indexes',
    number: 156,
    title: 'rows that break a unique index are `integrity` and change nothing; missing values break none',
    fix: 'Check unique indexes before the commit, over the rows that stay and those that are written.',
    async run(context) {
      context.requireAppend();
      const opened = await context.open({ fields: FIELDS, indexes: [{ columns: ['value'], unique: true }] });
      const { table, schema } = opened;
      const before = [row(1, 'a'), row(2, 'b'), row(3, null), row(4, null)];
      await refreshTable(table, { schema, rows: before });
      await expectTable(context, opened, { what: 'missing values', rows: before });
      const attempts: readonly (readonly [string, WriteMode, SourceRows])[] = [
        ['two written rows', { kind: 'overwrite' }, [row(5, 'x'), row(6, 'x')]],
        ['a written row and one that stays', nothingOf(opened, 'value'), [row(5, 'a')]],
      ];
      for (const [what, mode, rows] of attempts) {
        const run = () => refreshTable(table, { schema, rows, mode });
        await expectError(context, { what, run, codes: ['integrity'] });
        await expectTable(context, opened, { what: `after ${what}`, rows: before });
      }
    },
  },
  {
    id: 'plain-indexes-change-nothing',
    number: 156,
    title: 'an index that is not unique leaves duplicates and missing values alone',
    fix: 'Make UNIQUE only what is asked to be.',
    async run(context) {
      context.requireAppend();
      const indexes = [
        { columns: ['value'], unique: false },
        { columns: ['value', 'id'], unique: false },
      ];
      const opened = await context.open({ fields: FIELDS, indexes });
      const { table, schema } = opened;
      const rows = [row(1, 'a'), row(1, 'a'), row(2, 'a'), row(3, null), row(3, null)];
      await refreshTable(table, { schema, rows });
      await refreshTable(table, { schema, rows: [row(1, 'a')], mode: nothingOf(opened, 'value') });
      await expectTable(context, opened, { what: 'duplicates', rows: [...rows, row(1, 'a')] });
    },
  },
]);

function row(id: number, value: string | null): readonly BuildValue[] {
  return [BigInt(id), value];
}

/** A window in which no row is, so that only keys decide. */
function nothingOf(opened: Accelerated, column: string): WriteMode {
  const found = tableColumn(opened, column);
  return {
    kind: 'overwrite_where',
    filters: [condition('eq', columnOf(found), literalOf(found.type, 'a value that no row has'))],
  };
}

function keyed(rule: OnConflict | undefined): OpenAcceleratedRequest {
  return { fields: FIELDS, primaryKey: ['id'], ...(rule && { onConflict: rule }) };
}

/** Writes over {@link BEFORE}, in one batch and in many, and into a table that is replaced as a whole. */
async function expectRows(
  context: AcceleratorContext,
  rule: OnConflict | undefined,
  { written, after, fresh }: { readonly written: SourceRows; readonly after: SourceRows; readonly fresh?: SourceRows },
): Promise<void> {
  context.requireAppend();
  for (const batchRowCount of [1_000, 1]) {
    const opened = await context.open(keyed(rule));
    const { table, schema } = opened;
    await refreshTable(table, { schema, rows: BEFORE });
    await refreshTable(table, { schema, rows: written, mode: nothingOf(opened, 'value'), batchRowCount });
    const what = `${rule ?? 'the default'}, ${batchRowCount === 1 ? 'a batch for each row' : 'one batch'}`;
    await expectTable(context, opened, { what, rows: after });
    if (table.checkpoint?.rowCount !== BigInt(after.length))
      context.fail({ expected: `${what}: a checkpoint of ${after.length} rows`, found: checkpointText(table) });
    await refreshTable(table, { schema, rows: written, batchRowCount });
    const keys = new Set(BEFORE.map(([id]) => id));
    const replaced = fresh ?? after.filter(([id]) => !keys.has(id) || written.some(([other]) => other === id));
    await expectTable(context, opened, { what: `${what}, a full refresh`, rows: replaced });
    await opened.shutdown();
  }
}

/** Writes what has to be refused, over rows that have to stay. */
async function expectRefused(
  context: AcceleratorContext,
  rule: OnConflict | undefined,
  written: SourceRows,
): Promise<void> {
  context.requireAppend();
  for (const batchRowCount of [1_000, 1]) {
    const opened = await context.open(keyed(rule));
    const { table, schema } = opened;
    await refreshTable(table, { schema, rows: BEFORE, checkpoint: { watermark: 'kept' } });
    const text = checkpointText(table);
    for (const mode of [{ kind: 'overwrite' } as const, nothingOf(opened, 'value')]) {
      const what = `${rule ?? 'the default'}, ${mode.kind}: several written rows with one key`;
      const run = () => refreshTable(table, { schema, rows: written, mode, batchRowCount });
      await expectError(context, { what, run, codes: ['integrity'] });
      await expectTable(context, opened, { what: `after ${what}`, rows: BEFORE });
      expectCheckpoint(context, table, { what, text });
    }
    await opened.shutdown();
  }
}
