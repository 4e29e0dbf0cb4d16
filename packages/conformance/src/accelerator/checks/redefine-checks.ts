import { setImmediate } from 'node:timers/promises';
import {
  type CreateTableCommand,
  dataTypes,
  type ExecutionPlan,
  type Field,
  field,
  isMillraceError,
} from '@millrace/core';
import { required } from '../../data/small-tables.ts';
import { idleContext } from '../../open-connector.ts';
import { expectError } from '../../read/expect-error.ts';
import { planTable, readPartition, rowsOf, scanTable } from '../../read/scan-table.ts';
import { type AcceleratorCheck, defineAcceleratorChecks } from '../accelerator-check.ts';
import type { Accelerated, AcceleratorContext } from '../accelerator-context.ts';
import { beginWithRows } from '../begin-with-rows.ts';
import { EVENT_FIELDS, versionOf } from '../events.ts';
import { checkpointText, expectTable } from '../expect-table.ts';
import { inOwnFolder, restart } from '../own-folder.ts';
import { batchesOf, checkpointOf, refreshTable, type SourceRows, writeBatches } from '../write-rows.ts';

interface Definition {
  readonly what: string;
  readonly fields: readonly Field[];
  readonly rows: SourceRows;
  readonly keys?: Pick<CreateTableCommand, 'primaryKey' | 'indexes'>;
}

const [ID, AT, TEXT] = EVENT_FIELDS as readonly [Field, Field, Field];
const MORE = field('more', dataTypes.int64());

/** One after the other, each made of the one before. */
const DEFINITIONS: readonly Definition[] = [
  {
    what: 'a nullable column more',
    fields: [ID, AT, TEXT, MORE],
    rows: versionOf(1, 50).map((row, index) => [...row, index % 3 === 0 ? null : BigInt(index)]),
  },
  {
    what: 'a column more that has no nulls, in front',
    fields: [required('first', dataTypes.utf8()), ID, AT, TEXT, MORE],
    rows: versionOf(2, 60).map((row, index) => [`${index}`, ...row, BigInt(index)]),
  },
  {
    what: 'columns less, and a key',
    fields: [ID, TEXT],
    rows: versionOf(3, 70).map((row) => row.filter((_, index) => index !== 1)),
    keys: { primaryKey: ['id'] },
  },
  {
    what: 'a wider column, and no key',
    fields: [ID, field('text', dataTypes.float64())],
    rows: [
      [1n, 1.5],
      [1n, null],
    ],
  },
  {
    what: 'the first columns again, and an index',
    fields: EVENT_FIELDS,
    rows: versionOf(5, 80),
    keys: { indexes: [{ columns: ['at'], unique: false }] },
  },
];

/** Scans that are under way at a time while the columns change. */
const READER_COUNT = 8;
const PRICE = '1.25';
/** One price with more and fewer digits behind the point, one after the other: under the columns of another one it is another price. */
const PRICES = [2, 3, 4, 2, 4, 3, 2, 3, 4, 2, 4, 3, 2].map(pricesOf) as [Definition, ...Definition[]];

function pricesOf(scale: number): Definition {
  return {
    what: `prices with ${scale} digits behind the point`,
    fields: [required('id', dataTypes.int64()), required('price', dataTypes.decimal(12, scale))],
    rows: Array.from({ length: 200 }, (_, id) => [BigInt(id), PRICE]),
  };
}

/** Tables that get other columns, keys or indexes. */
export const REDEFINE_CHECKS: readonly AcceleratorCheck[] = [
  ...defineAcceleratorChecks('refresh', [
    {
      id: 'redefined-tables',
      number: 158,
      title:
        'a refresh gives the table other columns and keys, with its commit and not before; doing it again changes nothing',
      fix: 'Write the new version with the columns of `redefine`, and take them over in the commit.',
      async run(context) {
        requireRedefine(context);
        let opened = await context.open();
        await refreshTable(opened.table, { schema: opened.schema, rows: versionOf(0, 40) });
        let before: SourceRows = versionOf(0, 40);
        for (const [index, definition] of DEFINITIONS.entries()) {
          const command = redefined(opened, definition, `definition ${index + 2}`);
          {
            await using session = await opened.table.beginRefresh(
              { mode: { kind: 'overwrite' }, redefine: command },
              idleContext(),
            );
            await writeBatches(session, batchesOf({ schema: command.schema, rows: definition.rows }));
            await expectTable(context, opened, { what: `${definition.what}, before the commit`, rows: before });
            await session.commit(checkpointOf());
          }
          opened = { ...opened, command, schema: command.schema };
          for (const what of [definition.what, `${definition.what}, once more`]) {
            await expectDefinition(context, opened, what);
            await expectTable(context, opened, { what, rows: definition.rows });
            const { rows } = definition;
            await refreshTable(opened.table, { schema: command.schema, rows, redefine: command });
          }
          before = definition.rows;
          await refreshTable(opened.table, { schema: opened.schema, rows: before });
          await expectTable(context, opened, { what: `${definition.what}, refreshed as it is`, rows: before });
        }
      },
    },
    {
      id: 'failed-redefinitions-change-nothing',
      number: 158,
      title:
        'a refresh that would give the table other columns and fails leaves columns, rows and checkpoint as they were',
      fix: 'Take the new columns over in `commit` alone.',
      async run(context) {
        requireRedefine(context);
        const begun = await beginWithRows(context);
        const { opened } = begun;
        const command = redefined(opened, DEFINITIONS[0]!, 'definition 2');
        const { rows } = DEFINITIONS[0]!;
        const failing = (function* () {
          yield* batchesOf({ schema: command.schema, rows });
          throw new RangeError('the source broke off');
        })();
        const ways: readonly (readonly [string, () => Promise<unknown>])[] = [
          ['the source breaks off', () => writeBatches(session, failing)],
          ['nobody commits', () => writeBatches(session, batchesOf({ schema: command.schema, rows }))],
          [
            'the rows have the old columns',
            () => writeBatches(session, batchesOf({ schema: opened.schema, rows: versionOf(9, 10) })),
          ],
        ];
        let session = await beginRedefining(opened, command);
        for (const [what, write] of ways) {
          await write().catch(() => undefined);
          await session.abort();
          await expectDefinition(context, opened, what);
          await begun.expectUntouched(what);
          session = await beginRedefining(opened, command);
        }
        await session.abort();
        await begun.expectGoesOn();
      },
    },
    {
      id: 'scans-have-the-columns-they-announce',
      number: 158,
      title:
        'a scan that is planned before or during a commit of other columns gives rows of the columns that it has announced, or is a `conflict`',
      fix: 'Compare the columns once the first rows are there; while a commit changes them, wait for its end before.',
      async run(context) {
        requireRedefine(context);
        const [{ fields, rows }, ...others] = PRICES;
        const opened = await context.open({ fields });
        await refreshTable(opened.table, { schema: opened.schema, rows });
        for (const [index, definition] of others.entries()) {
          const command = redefined(opened, definition, `definition ${index + 2}`);
          await using session = await beginRedefining(opened, command);
          await writeBatches(session, batchesOf({ schema: command.schema, rows: definition.rows }));
          const late = await planTable(opened.table);
          let isCommitted = false;
          const readers = Array.from({ length: READER_COUNT }, async () => {
            while (!isCommitted) {
              await expectPrices(context, await planTable(opened.table));
              await setImmediate();
            }
          });
          const reading = Promise.all(readers);
          reading.catch(() => undefined);
          try {
            await session.commit(checkpointOf());
          } finally {
            isCommitted = true;
          }
          await reading;
          await expectPrices(context, late);
          await expectTable(context, { table: opened.table, schema: command.schema }, definition);
        }
      },
    },
    {
      id: 'unlisted-redefinitions-are-unsupported',
      number: 135,
      title: 'other columns beside rows that stay, or where the factory does not say `canRedefine`, are `unsupported`',
      fix: 'Refuse `redefine` in beginRefresh with every mode but overwrite, and wholly without canRedefine.',
      async run(context) {
        const begun = await beginWithRows(context);
        const { opened } = begun;
        const { canRedefine, refreshModes = ['full'] } = context.subject.plugin;
        const redefine = redefined(opened, DEFINITIONS[0]!, 'definition 2');
        const filters = [{ kind: 'literal', value: true, type: dataTypes.bool() }] as const;
        const run = () =>
          opened.table.beginRefresh(
            { mode: canRedefine ? { kind: 'overwrite_where', filters } : { kind: 'overwrite' }, redefine },
            idleContext(),
          );
        if (canRedefine && !refreshModes.includes('append')) context.skip('its tables know no other refresh');
        await expectError(context, { what: 'it', run, codes: ['unsupported'] });
        await begun.expectUntouched('afterwards');
        await begun.expectGoesOn();
      },
    },
  ]),
  ...defineAcceleratorChecks('files', [
    {
      id: 'redefined-tables-are-found-again',
      number: 158,
      title: 'after a restart a table that was given other columns is there under its new definition',
      fix: 'Commit columns and definition hash of `redefine` with the rows.',
      async run(context) {
        requireRedefine(context);
        const request = await inOwnFolder(context);
        const first = await context.open(request);
        await refreshTable(first.table, { schema: first.schema, rows: versionOf(0, 40) });
        const definition = DEFINITIONS[1]!;
        const command = redefined(first, definition, 'definition 2');
        const { rows, fields } = definition;
        await refreshTable(first.table, { schema: command.schema, rows, redefine: command });
        const text = checkpointText(first.table);
        await restart(context, first);
        const second = await context.open({ ...request, fields, definitionHash: 'definition 2' });
        if (second.status.kind !== 'ready')
          context.fail({ expected: 'init: ready', found: JSON.stringify(second.status.kind) });
        if (checkpointText(second.table) !== text)
          context.fail({ expected: `the checkpoint ${text}`, found: checkpointText(second.table) });
        await expectTable(context, second, { what: 'after the restart', rows });
      },
    },
    {
      id: 'checkpoints-can-be-read-first',
      number: 154,
      title:
        'the checkpoint of what an earlier process left can be read before it is opened, whatever its definition, and stays',
      fix: 'Read the row of the dataset in `readCheckpoint`, make no file, and compare no definition.',
      async run(context) {
        const request = await inOwnFolder(context);
        const first = await context.open(request);
        const { accelerator, command } = first;
        if (accelerator.readCheckpoint === undefined) return context.skip('it has no readCheckpoint');
        await refreshTable(first.table, {
          schema: first.schema,
          rows: versionOf(1, 30),
          checkpoint: { watermark: '7' },
        });
        const text = checkpointText(first.table);
        await restart(context, first);
        const other = await context.open({ name: 'other', dataDirectory: await context.folder() });
        const read = async (name: string): Promise<string> => {
          const found = await other.accelerator.readCheckpoint?.({ ...command, name: { table: name } }, idleContext());
          return checkpointText({ checkpoint: found });
        };
        if ((await read('nobody')) !== 'none')
          context.fail({ expected: 'no checkpoint of a dataset that was never there', found: await read('nobody') });
        for (const what of ['at first', 'again'])
          if ((await read('kept')) !== text) context.fail({ expected: `${what}: ${text}`, found: await read('kept') });
        await restart(context, other);
        const second = await context.open(request);
        await expectTable(context, second, { what: 'after it was read', rows: versionOf(1, 30) });
      },
    },
  ]),
];

function requireRedefine(context: AcceleratorContext): void {
  if (context.subject.plugin.canRedefine !== true) context.skip('its factory does not say canRedefine');
}

function redefined({ command }: Accelerated, { fields, keys }: Definition, definitionHash: string): CreateTableCommand {
  const { name, mode, refreshMode } = command;
  return { name, mode, refreshMode, definitionHash, schema: { fields }, ...keys };
}

function beginRedefining({ table }: Accelerated, redefine: CreateTableCommand) {
  return table.beginRefresh({ mode: { kind: 'overwrite' }, redefine }, idleContext());
}

/** Checks that the table says of itself what its command does. */
async function expectDefinition(context: AcceleratorContext, { table, command }: Accelerated, what: string) {
  const names = (fields: readonly Field[]): string => fields.map(({ name }) => name).join(', ');
  const wanted = names(command.schema.fields);
  const told = [table.schema, table.checkpoint!.schema, (await scanTable(table)).plan.schema];
  for (const { fields } of told)
    if (names(fields) !== wanted) context.fail({ expected: `${what}: the columns ${wanted}`, found: names(fields) });
  if (table.checkpoint!.definitionHash !== command.definitionHash)
    context.fail({ expected: `${what}: ${command.definitionHash}`, found: table.checkpoint!.definitionHash });
  const keys = (table.constraints ?? []).filter(({ kind }) => kind === 'primary_key').length;
  if (keys > (command.primaryKey ? 1 : 0))
    context.fail({ expected: `${what}: no key`, found: JSON.stringify(table.constraints) });
}

/** Reads a scan of prices, which gives those of one version or fails with `conflict`. */
async function expectPrices(context: AcceleratorContext, plan: ExecutionPlan): Promise<void> {
  try {
    for (const partition of plan.partitions)
      for (const [, price] of rowsOf(await readPartition(plan, partition)))
        if (Number(price) !== Number(PRICE)) context.fail({ expected: `the price ${PRICE}`, found: String(price) });
  } catch (error) {
    if (!isMillraceError(error) || error.code !== 'conflict') throw error;
  }
}
