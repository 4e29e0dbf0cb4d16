import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { completeVersion, describeRows, OpenCopies, VERSION_SCHEMA, versionBatches } from '@millrace/test-fixtures';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Accelerated, accelerate, CONTEXT, refresh, scanAll } from './accelerate.ts';

const DESCRIPTORS = '/proc/self/fd';
/** Which process has which file locked. */
const LOCKS = '/proc/locks';

/** What stands in the folder while a checkpoint waits for a reader or a writer, and after a process that was killed then. */
interface Left {
  readonly database: Buffer;
  readonly log: Buffer;
  readonly journal: Buffer;
}

const { waitBeforeClose, holdCloses } = vi.hoisted(() => {
  let held: { readonly file: string; count: number; readonly released: Promise<void> } | undefined;
  return {
    async waitBeforeClose(file: unknown): Promise<void> {
      if (held === undefined || held.file !== file) return;
      held.count += 1;
      await held.released;
    },
    /** Keeps descriptors of a file that are opened with `node:fs/promises` from being closed until they are released. */
    holdCloses(file: string) {
      let open = (): void => undefined;
      const released = new Promise<void>((resolve) => {
        open = resolve;
      });
      const closes = { file, count: 0, released };
      held = closes;
      const release = (): void => {
        held = undefined;
        open();
      };
      return { closes, release };
    },
  };
});

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  const open = async (...args: Parameters<typeof original.open>): Promise<FileHandle> => {
    const handle = await original.open(...args);
    const close = handle.close.bind(handle);
    handle.close = async () => {
      await waitBeforeClose(args[0]);
      await close();
    };
    return handle;
  };
  return { ...original, open };
});

describe('a file of several engines, or with a journal', () => {
  let copies: OpenCopies<DuckDbDatabase>;
  let folder: string;
  let path: string;
  let engines: DuckDbDatabase[];
  let opened: Accelerated[];
  beforeEach(() => {
    copies = new OpenCopies();
    ({ folder, engines, opened } = copies);
    path = join(folder, 'shared.duckdb');
  });
  afterEach(async () => {
    await copies[Symbol.asyncDispose]();
  });

  const closeAll = () => copies.closeAll();

  async function newEngine(): Promise<DuckDbDatabase> {
    const engine = await openDatabase({ path: ':memory:', threads: 2 });
    engines.push(engine);
    return engine;
  }

  async function open(engine: DuckDbDatabase, table = 'orders'): Promise<Accelerated> {
    const name = { table };
    const accelerated = await accelerate({ folder, mode: 'file', file: path, name, schema: VERSION_SCHEMA, engine });
    opened.push(accelerated);
    return accelerated;
  }

  function leave({ database, log, journal }: Left): void {
    writeFileSync(path, database);
    writeFileSync(`${path}.wal`, log);
    writeFileSync(`${path}.undo`, journal);
  }

  /** Leaves the file with a journal that is to be put back. */
  async function leaveJournal(): Promise<Left> {
    const engine = await newEngine();
    const orders = await open(engine);
    const other = await open(engine, 'other');
    await refresh(orders.table, versionBatches(1, 100));
    // Another refresh that writes keeps the checkpoint waiting.
    const session = await other.table.beginRefresh({ mode: { kind: 'overwrite' } }, CONTEXT);
    const writer = await session.writer();
    for (const batch of versionBatches(1, 10)) await writer.write(batch);
    await refresh(orders.table, versionBatches(2, 200));
    const [database, log, journal] = [path, `${path}.wal`, `${path}.undo`].map((file) => readFileSync(file));
    await session.abort();
    await closeAll();
    const left = { database: database!, log: log!, journal: journal! };
    leave(left);
    return left;
  }

  it('is left alone where it may not be opened, and so cannot be locked', async () => {
    const left = await leaveJournal();
    const engine = await newEngine();
    await engine.restrictFileAccess({ paths: [], directories: [join(folder, 'data')] });
    const database = spoil(left);
    leave({ ...left, database });
    await expect(open(engine)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(readFileSync(path).equals(database)).toBe(true);
  });

  it('is let go where its journal cannot be put back', async () => {
    const left = await leaveJournal();
    const engine = await newEngine();
    leave({ ...left, journal: withPosition(left, Number.MAX_SAFE_INTEGER) });
    await expect(open(engine)).rejects.toMatchObject({ code: 'io' });
    leave(left);
    const { status, table } = await open(engine);
    expect(status.kind).toBe('ready');
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(2, 200));
  });

  it.runIf(existsSync(DESCRIPTORS))(
    'is opened once beside the engine, however many open it at the same time (told by /proc)',
    async () => {
      await leaveJournal();
      const all = await Promise.all([newEngine(), newEngine(), newEngine()]);
      const outcomes = await Promise.allSettled(all.map((engine) => open(engine)));
      const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      expect(refused).toEqual([
        expect.objectContaining({ code: 'conflict' }),
        expect.objectContaining({ code: 'conflict' }),
      ]);
      await refresh(opened[0]!.table, versionBatches(3, 50));
      await vi.waitFor(() => expect(openCount(path)).toBe(2), { timeout: 60_000 });
      await closeAll();
      await vi.waitFor(() => expect(openCount(path)).toBe(0), { timeout: 60_000 });
    },
  );

  it.runIf(existsSync(DESCRIPTORS) && existsSync(LOCKS))(
    'stays locked by an engine that opens it while another one lets it go (told by /proc)',
    async ({ skip }) => {
      const first = await open(await newEngine());
      await refresh(first.table, versionBatches(1, 10));
      skip(!isLocked(path), 'the system does not show locks by the inodes of files');
      const second = await newEngine();
      const { closes, release } = holdCloses(path);
      let opening: Promise<Accelerated>;
      const letting = first.accelerator.shutdown();
      try {
        await vi.waitFor(() => expect(closes.count).toBe(1), { timeout: 60_000 });
        // The engine has let the file go by now, and the last descriptor is on its way: whoever does not wait for that locks the file too early.
        opening = open(second);
        await Promise.race([opening, sleep(200)]);
      } finally {
        release();
        await letting;
      }
      const { table } = await opening;
      expect(describeRows(await scanAll(table))).toEqual(completeVersion(1, 10));
      expect(isLocked(path)).toBe(true);
    },
  );
});

/** The first saved block, with other bytes in the database. */
function spoil({ database, journal }: Left): Buffer {
  const { position, length } = headOf(journal).blocks[0]!;
  return Buffer.concat([
    database.subarray(0, position),
    Buffer.from(database.subarray(position, position + length).map((byte) => byte ^ 0xff)),
    database.subarray(position + length),
  ]);
}

interface Head {
  readonly blocks: readonly { readonly position: number; readonly length: number }[];
}

function headOf(journal: Buffer): Head {
  return JSON.parse(journal.toString('utf8', 0, journal.indexOf('\n'))) as Head;
}

/** The journal with its first block where no file can be written. */
function withPosition({ journal }: Left, position: number): Buffer {
  const head = headOf(journal);
  const [first, ...rest] = head.blocks;
  const moved = JSON.stringify({ ...head, blocks: [{ ...first, position }, ...rest] });
  return Buffer.concat([Buffer.from(moved), journal.subarray(journal.indexOf('\n'))]);
}

/** Whether this process has a lock on the file. */
function isLocked(file: string): boolean {
  const { ino } = statSync(file);
  const pattern = new RegExp(` ${process.pid} [0-9a-f]+:[0-9a-f]+:${ino} `);
  return readFileSync(LOCKS, 'utf8')
    .split('\n')
    .some((line) => pattern.test(line));
}

/** How many descriptors of a file this process has. */
function openCount(file: string): number {
  return readdirSync(DESCRIPTORS).filter((name) => targetOf(name) === file).length;
}

function targetOf(descriptor: string): string | undefined {
  try {
    return readlinkSync(join(DESCRIPTORS, descriptor));
  } catch {
    return undefined; // Closed in the meantime.
  }
}
