import type { BuildValue } from '@millrace/arrow';
import { dataTypes, type Field, field } from '@millrace/core';
import { required } from '../../data/small-tables.ts';
import { columnOf, condition, literalOf } from '../../expressions.ts';
import { idleContext } from '../../open-connector.ts';
import { planTable, scanTable } from '../../read/scan-table.ts';
import { type AcceleratorCheck, defineAcceleratorChecks } from '../accelerator-check.ts';
import type { Accelerated, AcceleratorContext, OpenAcceleratedRequest } from '../accelerator-context.ts';
import { inOwnFolder, restart } from '../own-folder.ts';
import { refreshTable } from '../write-rows.ts';

const FIELDS: readonly Field[] = [
  required('id', dataTypes.int64()),
  field('code', dataTypes.utf8()),
  field('note', dataTypes.utf8()),
];
const KEYED: OpenAcceleratedRequest = {
  fields: FIELDS,
  primaryKey: ['id'],
  indexes: [{ columns: ['code'], unique: false }],
  refreshMode: 'full',
};
/** Enough that no engine prefers to read all of them. */
const ROW_COUNT = 20_000;
const WANTED = 4_711;

/** Rows that are looked up are found by the keys and indexes of the table, as the engine itself says. */
export const INDEX_CHECKS: readonly AcceleratorCheck[] = [
  ...defineAcceleratorChecks('conflict', [
    {
      id: 'look-ups-use-indexes',
      number: 156,
      title:
        'after a refresh a look-up by the primary key or an index uses it, as the engine says, and no other one does',
      fix: 'Create keys and indexes on the version that a refresh publishes, and compare columns as they are stored, so that the engine can use them.',
      async run(context) {
        const opened = await context.open(KEYED);
        await refreshTable(opened.table, { schema: opened.schema, rows: rowsOf('first') });
        await expectLookUps(context, opened, 'first');
        await refreshTable(opened.table, { schema: opened.schema, rows: rowsOf('second') });
        await expectLookUps(context, opened, 'second');
      },
    },
  ]),
  ...defineAcceleratorChecks('files', [
    {
      id: 'look-ups-use-indexes-after-a-restart',
      number: 156,
      title: 'after a restart look-ups still use the keys and indexes of the table',
      fix: 'Keep keys and indexes in the file, in the transaction of the rows.',
      async run(context) {
        const request = { ...KEYED, ...(await inOwnFolder(context)), fields: FIELDS };
        const first = await context.open(request);
        await refreshTable(first.table, { schema: first.schema, rows: rowsOf('kept') });
        await restart(context, first);
        const second = await context.open(request);
        if (second.status.kind !== 'ready') return context.fail({ expected: 'init: ready', found: second.status.kind });
        await expectLookUps(context, second, 'kept');
      },
    },
  ]),
];

function rowsOf(version: string): (readonly BuildValue[])[] {
  return Array.from({ length: ROW_COUNT }, (_, id) => [BigInt(id), `code ${id}`, `${version} ${id}`]);
}

async function expectLookUps(context: AcceleratorContext, { table }: Accelerated, version: string): Promise<void> {
  const values: readonly (readonly [Field, bigint | string, boolean])[] = [
    [FIELDS[0]!, BigInt(WANTED), true],
    [FIELDS[1]!, `code ${WANTED}`, true],
    [FIELDS[2]!, `${version} ${WANTED}`, false],
  ];
  for (const [{ name, type }, value, isIndexed] of values) {
    const found = table.schema.fields.find((each) => each.name === name);
    const request = { filters: [condition('eq', columnOf(found ?? field(name, type)), literalOf(type, value))] };
    const plan = await planTable(table, request);
    if (plan.indexesUsed === undefined) return context.skip('the plans of its scans do not say which index they use');
    const used = await plan.indexesUsed(idleContext());
    if (used.length > 0 !== isIndexed)
      context.fail({
        expected: isIndexed ? `an index for a look-up by ${name}` : `no index for a look-up by ${name}, which has none`,
        found: used.join(', ') || 'none',
      });
    const { rows } = await scanTable(table, { ...request, filters: isIndexed ? request.filters : [] });
    const notes = rows.map((row) => row[2]).filter((note) => note === `${version} ${WANTED}`);
    if (notes.length !== 1) context.fail({ expected: 'the row that is looked up', found: `${notes.length} rows` });
  }
}
