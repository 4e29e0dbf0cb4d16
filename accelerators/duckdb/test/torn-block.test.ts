import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@millrace/duckdb';
import { completeVersion, describeRows, VERSION_SCHEMA, versionBatches } from '@millrace/test-fixtures';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accelerate, CONTEXT, refresh, scanAll } from './accelerate.ts';

/** The headers of the format come first, then its blocks. */
const HEADER_BYTES = 12_288;
/** A write that is interrupted by a signal ends between two pages. */
const PAGE_BYTES = 4_096;

/** What a process that is killed within a checkpoint leaves. */
interface Torn {
  readonly database: Buffer;
  readonly log: Buffer;
  readonly journal: Buffer;
}

describe('a block of metadata that a killed process has half written', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-torn-'));
    path = join(folder, 'shared.duckdb');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function open() {
    const engine = await openDatabase({ path: ':memory:', threads: 2 });
    const request = { folder, mode: 'file', file: path, schema: VERSION_SCHEMA, engine } as const;
    const close: (() => Promise<void>)[] = [() => engine.close()];
    try {
      const orders = await accelerate(request);
      close.unshift(() => orders.accelerator.shutdown());
      const other = await accelerate({ ...request, name: { table: 'other' } });
      close.unshift(() => other.accelerator.shutdown());
      return {
        orders,
        other,
        [Symbol.asyncDispose]: async () => {
          for (const step of close) await step();
        },
      };
    } catch (error) {
      for (const step of close) await step();
      throw error;
    }
  }

  /** The first page of each block of metadata is that of the next checkpoint, whose header was not written yet. */
  async function tear(): Promise<Torn> {
    await using opened = await open();
    await refresh(opened.orders.table, versionBatches(1, 5_000));
    expect(existsSync(`${path}.undo`)).toBe(false);
    // Another refresh that writes keeps the checkpoint waiting.
    const session = await opened.other.table.beginRefresh({ mode: { kind: 'overwrite' } }, CONTEXT);
    const writer = await session.writer();
    for (const batch of versionBatches(1, 10)) await writer.write(batch);
    await refresh(opened.orders.table, versionBatches(2, 7_000));
    const [database, log, journal] = [path, `${path}.wal`, `${path}.undo`].map((file) => readFileSync(file));
    await session.abort();
    await vi.waitFor(() => expect(existsSync(`${path}.undo`)).toBe(false), { timeout: 60_000 });
    const next = readFileSync(path);
    const torn = Buffer.concat([database!.subarray(0, HEADER_BYTES), next.subarray(HEADER_BYTES)]);
    const { blocks } = JSON.parse(journal!.toString('utf8', 0, journal!.indexOf('\n'))) as {
      blocks: readonly { position: number; length: number }[];
    };
    expect(blocks.length).toBeGreaterThan(0);
    for (const { position, length } of blocks) {
      const end = position + length;
      database!.copy(torn, position + PAGE_BYTES, position + PAGE_BYTES, end);
      for (const whole of [database!, next])
        expect(torn.subarray(position, end).equals(whole.subarray(position, end))).toBe(false);
    }
    return { database: torn, log: log!, journal: journal! };
  }

  it('is put back when the file is opened, and what was committed is there', async () => {
    const { database, log, journal } = await tear();
    const leave = () => {
      writeFileSync(path, database);
      writeFileSync(`${path}.wal`, log);
    };
    leave();
    rmSync(`${path}.undo`, { force: true });
    await expect(open()).rejects.toMatchObject({ code: 'invalid_data' });
    leave();
    writeFileSync(`${path}.undo`, journal);
    {
      await using opened = await open();
      expect(opened.orders.status.kind).toBe('ready');
      expect(describeRows(await scanAll(opened.orders.table))).toEqual(completeVersion(2, 7_000));
      await refresh(opened.orders.table, versionBatches(3, 6_000));
      expect(existsSync(`${path}.undo`)).toBe(false);
    }
    await using again = await open();
    expect(describeRows(await scanAll(again.orders.table))).toEqual(completeVersion(3, 6_000));
  });

  it('stays as it is where the journal is of another state, or of another file, or is damaged', async () => {
    const { database, log, journal } = await tear();
    const end = journal.indexOf('\n');
    const head = JSON.parse(journal.toString('utf8', 0, end)) as Record<string, unknown>;
    const others = [
      Buffer.concat([Buffer.from(JSON.stringify({ ...head, iteration: '999' })), journal.subarray(end)]),
      Buffer.concat([Buffer.from(JSON.stringify({ ...head, identity: '1 1' })), journal.subarray(end)]),
      journal.subarray(0, -1),
      journal.subarray(0, 10),
    ];
    for (const other of others) {
      writeFileSync(path, database);
      writeFileSync(`${path}.wal`, log);
      writeFileSync(`${path}.undo`, other);
      await expect(open()).rejects.toMatchObject({ code: 'invalid_data' });
      expect(readFileSync(path).equals(database)).toBe(true);
    }
  });

  it.runIf(existsSync('/proc/self/fd'))(
    'keeps the lock of a file that a statement still has open, and nothing open afterwards (told by /proc)',
    async () => {
      const engine = await openDatabase({ path: ':memory:', threads: 2 });
      const { accelerator, table } = await accelerate({
        folder,
        mode: 'file',
        file: path,
        schema: VERSION_SCHEMA,
        engine,
      });
      await refresh(table, versionBatches(1, 5_000));
      const relation = await table.nativeRelation?.(CONTEXT);
      if (relation?.kind !== 'engine_table') throw new TypeError('the table does not live in the engine');
      const reader = await engine.connect();
      await reader.run('BEGIN TRANSACTION');
      await reader.rows(`SELECT count(*) FROM "${relation.catalog}".main.orders`);
      await accelerator.shutdown();
      expect(openCount(path)).toBe(2);
      await reader.close();
      await vi.waitFor(() => expect(openCount(path)).toBe(0), { timeout: 60_000 });
      await engine.close();
    },
  );
});

/** How many descriptors of a file this process has. */
function openCount(file: string): number {
  const folder = '/proc/self/fd';
  return readdirSync(folder).filter((name) => {
    try {
      return readlinkSync(join(folder, name)) === file;
    } catch {
      return false;
    }
  }).length;
}
