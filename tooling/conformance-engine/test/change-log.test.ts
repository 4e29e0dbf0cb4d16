import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { sqliteAccelerator } from '@millrace/accelerator-sqlite';
import { batchFromRows, rowArraysFromBatch } from '@millrace/arrow';
import { createMemoryTable, type MemoryTable } from '@millrace/connector-memory';
import {
  type AcceleratedTable,
  type AcceleratorPlugin,
  type ChangeLog,
  type DataAccelerator,
  dataTypes,
  type Expr,
  field,
  type Mutation,
  resolveParameters,
  type ScanContext,
  type Schema,
  type TableProvider,
} from '@millrace/core';
import { expect, it } from 'vitest';

const SCHEMA: Schema = {
  fields: [
    { ...field('id', dataTypes.int32()), nullable: false },
    field('text', dataTypes.utf8()),
    field('size', dataTypes.int64()),
  ],
};
const CONTEXT: ScanContext = { signal: new AbortController().signal };
const ENGINES: readonly AcceleratorPlugin[] = [arrowAccelerator, duckdbAccelerator, sqliteAccelerator];
const ROUNDS = 12;

it.each(ENGINES.map((plugin) => [plugin.id, plugin] as const))(
  'the change log of a source is applied as it is by %s, from the offset that its checkpoint has',
  { timeout: 300_000 },
  async (_, plugin) => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-changes-'));
    const source = createMemoryTable({ name: 'orders', schema: SCHEMA, rows: [[0, 'first', 7n]], primaryKey: ['id'] });
    let opened = await openCopy(plugin, folder);
    try {
      await using log = await source.changes(CONTEXT);
      for (let round = 0; round < ROUNDS; round++) {
        await changeSource(source, round);
        // What is there is read in several steps, and the last one is not acknowledged each time, as after a crash.
        while (await applyStep(opened.table, log)) {
          if (round % 3 > 0) await log.ack(opened.table.checkpoint!.offset!);
        }
        expect(await rowsOf(opened.table)).toEqual(await rowsOf(source));
        if (plugin.modes.includes('file') && round % 4 === 3) {
          await opened.accelerator.shutdown();
          opened = await openCopy(plugin, folder);
        }
      }
      expect((await rowsOf(source)).length).toBeGreaterThan(ROUNDS);
    } finally {
      await opened.accelerator.shutdown();
      await rm(folder, { recursive: true });
    }
  },
);

interface OpenCopy {
  readonly accelerator: DataAccelerator;
  readonly table: AcceleratedTable;
}

async function openCopy(plugin: AcceleratorPlugin, folder: string): Promise<OpenCopy> {
  const { parameters: specs, prefix, id, modes } = plugin;
  const parameters = resolveParameters({ specs, prefix, given: new Map(), component: 'test', connector: id });
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const accelerator = await plugin.create(parameters, {
    ...CONTEXT,
    logger,
    baseDirectory: folder,
    dataDirectory: folder,
  });
  const command = {
    name: { table: 'orders' },
    schema: SCHEMA,
    mode: modes.includes('file') ? 'file' : 'memory',
    definitionHash: 'h1',
    refreshMode: 'changes',
    primaryKey: ['id'],
  } as const;
  await accelerator.init(command, CONTEXT);
  const table = await accelerator.createExternalTable(
    command,
    createMemoryTable({ schema: SCHEMA, rows: [] }),
    [],
    CONTEXT,
  );
  return { accelerator, table };
}

/** Applies what a step of the log has behind the offset of the copy. @returns whether there was anything. */
async function applyStep(table: AcceleratedTable, log: ChangeLog): Promise<boolean> {
  const start = table.checkpoint?.offset ?? (await log.initial());
  const end = await log.latest(start, { maxRows: 20 });
  if (JSON.stringify(end) === JSON.stringify(start)) return false;
  const plan = await log.read(start, end, { projection: [0, 1, 2], filters: [] });
  await using session = await table.beginRefresh({ mode: { kind: 'changes' } }, CONTEXT);
  await using writer = await session.writer();
  for (const partition of plan.partitions)
    for await (const batch of plan.execute(partition, CONTEXT)) await writer.write(batch);
  await writer.finish();
  await session.commit({ offset: end, refreshedAtMs: 1, bootstrapComplete: true });
  return true;
}

/** Inserts, updates of values and of a key, deletes, and now and then all rows. */
async function changeSource(source: MemoryTable, round: number): Promise<void> {
  const rows = Array.from({ length: 15 }, (_, index) => [
    (round * 7 + index) % 40,
    index % 4 === 0 ? null : `round ${round}`,
    BigInt(index),
  ]);
  await using session = await source.insertInto(
    { schema: SCHEMA, mode: { kind: 'upsert', key: ['id'], onConflict: 'update' }, writerCount: 1 },
    CONTEXT,
  );
  await using writer = await session.writer({ partition: 0, attempt: 1 });
  await writer.write(batchFromRows(SCHEMA, rows));
  await session.commit([await writer.finish()]);
  const id = (value: number): Expr => ({
    kind: 'call',
    function: 'eq',
    args: [
      { kind: 'column', path: ['id'], type: dataTypes.int32() },
      { kind: 'literal', value, type: dataTypes.int32() },
    ],
    type: dataTypes.bool(),
  });
  const key: Expr = { kind: 'literal', value: 100 + round, type: dataTypes.int32() };
  const mutations: Mutation[] = [
    { kind: 'delete', filters: [id((round * 7) % 40)] },
    { kind: 'update', filters: [id((round * 7 + 1) % 40)], set: { id: key } },
  ];
  if (round === 5) mutations.unshift({ kind: 'truncate' });
  for (const mutation of mutations) await (await source.mutate(mutation, CONTEXT))!.run(CONTEXT);
}

async function rowsOf(table: TableProvider): Promise<unknown[]> {
  const plan = await table.scan({ projection: [0, 1, 2], filters: [] }, CONTEXT);
  const rows: (readonly unknown[])[] = [];
  for (const partition of plan.partitions)
    for await (const batch of plan.execute(partition, CONTEXT)) rows.push(...rowArraysFromBatch(batch));
  return rows.sort(([left], [right]) => Number(left) - Number(right));
}
