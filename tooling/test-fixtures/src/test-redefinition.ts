import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromRows, rowArraysFromBatch } from '@millrace/arrow';
import {
  type AcceleratedTable,
  type BootstrapStatus,
  type CreateTableCommand,
  type DataAccelerator,
  dataTypes,
  field,
  type Schema,
} from '@millrace/core';
import type * as vitest from 'vitest';
import { CONTEXT, scanAll } from './accelerated-table.ts';

interface Opened {
  readonly accelerator: DataAccelerator;
  readonly status: BootstrapStatus;
  readonly table: AcceleratedTable;
}

/** The engine whose tables are redefined. */
export interface RedefinedEngine {
  /** The runner of the tests; processes that tests spawn import these fixtures, too, and have none. */
  readonly runner: Pick<typeof vitest, 'afterEach' | 'beforeEach' | 'describe' | 'expect' | 'it'>;
  readonly id: string;
  /** Opens a table as a host does; everything that it keeps is in the folder. */
  readonly open: (folder: string, command: CreateTableCommand) => Promise<Opened>;
}

const OLD: Schema = { fields: [field('id', dataTypes.int32()), field('price', dataTypes.decimal(10, 2))] };
const NEW: Schema = { fields: [field('price', dataTypes.decimal(10, 3)), field('note', dataTypes.utf8())] };

/** Tests of an engine whose refreshes may give a table other columns. */
export function testRedefinition({ runner, id, open: openTable }: RedefinedEngine): void {
  const { afterEach, beforeEach, describe, expect, it } = runner;
  describe.each(['memory', 'file'] as const)('a table that is redefined by a refresh, in mode %s', (mode) => {
    let folder: string;
    const opened: Opened[] = [];

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'millrace-redefine-'));
    });
    afterEach(async () => {
      for (const { accelerator } of opened.splice(0)) await accelerator.shutdown();
      rmSync(folder, { recursive: true, force: true });
    });

    const command: CreateTableCommand = {
      name: { table: 'orders' },
      schema: OLD,
      mode,
      definitionHash: 'h1',
      refreshMode: 'full',
    };
    const redefined: CreateTableCommand = {
      ...command,
      schema: NEW,
      definitionHash: 'h2',
      indexes: [{ columns: ['note'], unique: true }],
    };
    async function open(wanted: CreateTableCommand = command): Promise<Opened> {
      const one = await openTable(folder, wanted);
      opened.push(one);
      return one;
    }
    async function write(
      table: AcceleratedTable,
      rows: readonly (readonly unknown[])[],
      redefine?: CreateTableCommand,
    ): Promise<void> {
      await using session = await table.beginRefresh(
        { mode: { kind: 'overwrite' }, ...(redefine ? { redefine } : {}) },
        CONTEXT,
      );
      await using writer = await session.writer();
      await writer.write(batchFromRows((redefine ?? command).schema, rows));
      await writer.finish();
      await session.commit({ refreshedAtMs: 1, bootstrapComplete: true });
    }
    const rowsOf = async (table: AcceleratedTable): Promise<unknown[]> =>
      (await scanAll(table)).flatMap((batch) => [...rowArraysFromBatch(batch)]);

    it('has the old columns until the commit and the new ones, with their indexes, afterwards', async () => {
      const { table } = await open();
      await write(table, [[1, '1.25']]);
      const before = await rowsOf(table);
      {
        await using session = await table.beginRefresh({ mode: { kind: 'overwrite' }, redefine: redefined }, CONTEXT);
        await using writer = await session.writer();
        await writer.write(batchFromRows(NEW, [['1.125', 'a']]));
        await writer.finish();
        expect(table.schema.fields.map(({ name }) => name)).toEqual(['id', 'price']);
        expect(await rowsOf(table)).toEqual(before);
      }
      expect(table.schema.fields.map(({ name }) => name)).toEqual(['id', 'price']);
      expect(await rowsOf(table)).toEqual(before);
      await write(table, [['1.125', 'a']], redefined);
      expect(table.schema.fields.map(({ name }) => name)).toEqual(['price', 'note']);
      expect(table.checkpoint).toMatchObject({ definitionHash: 'h2', rowCount: 1n, schema: table.schema });
      expect(table.constraints).toEqual([{ kind: 'unique', columns: ['note'], enforced: true }]);
      expect((await rowsOf(table)).map(String)).toEqual(['1.125,a']);
      const twins = [
        ['1.0', 'b'],
        ['2.0', 'b'],
      ];
      await expect(write(table, twins, redefined)).rejects.toMatchObject({ code: 'integrity' });
      await write(table, [['7.5', 'c']], redefined);
      expect((await rowsOf(table)).map(String)).toEqual(['7.500,c']);
    });

    it('fails a scan that was planned over the old columns, where one over the same columns goes on', async () => {
      const { table } = await open();
      await write(table, [[1, '1.25']]);
      const plan = () => table.scan({ projection: [1], filters: [] }, CONTEXT);
      const read = async (planned: Awaited<ReturnType<typeof plan>>) => {
        const rows: unknown[] = [];
        for await (const batch of planned.execute(planned.partitions[0]!, CONTEXT))
          rows.push(...rowArraysFromBatch(batch));
        return rows.map(String);
      };
      const first = await plan();
      await write(table, [[1, '2.50']]);
      expect(await read(first)).toEqual(['2.50']);
      const second = await plan();
      await write(table, [['1.125', 'a']], redefined);
      await expect(read(second)).rejects.toMatchObject({ code: 'conflict', connector: id });
    });

    it('cannot keep rows', async () => {
      const { table } = await open();
      const request = { mode: { kind: 'overwrite_where', filters: [] }, redefine: redefined } as const;
      await expect(table.beginRefresh(request, CONTEXT)).rejects.toMatchObject({ code: 'unsupported' });
    });

    it('tells the columns that a command would have, which are those of its table', async () => {
      const { accelerator, table } = await open();
      expect(accelerator.storedSchema?.(command)).toEqual(table.schema);
      await write(table, [['1.125', 'a']], redefined);
      expect(accelerator.storedSchema?.(redefined)).toEqual(table.schema);
      const stored = table.schema;
      expect(accelerator.storedSchema?.({ ...redefined, schema: stored })).toEqual(stored);
    });

    it('is found again under its new definition where it survives, and its checkpoint under any', async () => {
      const { accelerator, table } = await open();
      await write(table, [[1, '1.25']]);
      await write(table, [['1.125', 'a']], redefined);
      await accelerator.shutdown();
      const again = await open(redefined);
      if (mode === 'memory') {
        expect(again.status).toEqual({ kind: 'empty' });
        return;
      }
      expect(again.status).toMatchObject({ kind: 'ready', checkpoint: { rowCount: 1n } });
      expect((await rowsOf(again.table)).map(String)).toEqual(['1.125,a']);
      const other = { name: command.name, mode };
      expect(await again.accelerator.readCheckpoint?.(other, CONTEXT)).toMatchObject({ definitionHash: 'h2' });
    });
  });
}
