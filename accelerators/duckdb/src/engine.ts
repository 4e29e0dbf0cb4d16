import { realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createProcessFolder, type ProcessFolder } from '@millrace/acceleration';
import { type MemoryBudget, MillraceError } from '@millrace/core';
import { type DuckDbDatabase, isDuckDbDatabase, openDatabase } from '@millrace/duckdb';

/** The DuckDB instance that holds accelerated tables, while somebody uses it. */
export interface Engine {
  readonly database: DuckDbDatabase;
  /** Gives the instance back; one that belongs to the host is left as it is. */
  release(): Promise<void>;
}

/** What an instance is wanted for. */
export interface EngineRequest {
  /** The host's engine, if it offers one. */
  readonly offered: object | undefined;
  readonly memory: MemoryBudget | undefined;
  /** The dataset's file; undefined in memory. */
  readonly file: string | undefined;
  /** `duckdb_memory_limit` in bytes, for which the dataset gets an instance of its own, or its file does. */
  readonly limitBytes: number | undefined;
  /** The dataset, for messages. */
  readonly component: string;
}

interface OwnEngine {
  readonly opened: Promise<{ readonly database: DuckDbDatabase; readonly spills: ProcessFolder }>;
  userCount: number;
}

/** Of one host, told by its budget. */
interface HostEngines {
  /** By real path of the file; the one without a limit under the empty path. */
  readonly own: Map<string, OwnEngine>;
  /** Which limit the datasets of a file agree on, while it is in use. */
  readonly files: Map<string, { readonly limitBytes: number | undefined; userCount: number }>;
}

const LIMIT = 'duckdb_memory_limit';
/** With less, an instance cannot open a file and load a table of many columns, though it could spill. */
const LEAST_BYTES = 32 * 2 ** 20;
const THREAD_BYTES = 32 * 2 ** 20;

const withoutBudget: HostEngines = { own: new Map(), files: new Map() };
const hosts = new WeakMap<MemoryBudget, HostEngines>();

/**
 * The host's own instance where it offers one that this kit works on, else an instance that all accelerators of the host share here; an own one
 * for a dataset, or a file, with a limit.
 *
 * @throws MillraceError `invalid_config` for a limit that is too small, more than there is, or another one than that of the file.
 */
export async function acquireEngine(request: EngineRequest): Promise<Engine> {
  const { offered, memory, limitBytes } = request;
  const host = (memory && hosts.get(memory)) ?? (memory ? { own: new Map(), files: new Map() } : withoutBudget);
  if (memory) hosts.set(memory, host);
  requireEnough(request);
  const file = request.file === undefined ? undefined : realPathOf(request.file);
  const leave = agreeOnLimit(host, request, file);
  try {
    if (limitBytes === undefined && isDuckDbDatabase(offered))
      return { database: offered, release: async () => leave() };
    // In memory, a dataset with a limit shares its instance with nobody.
    const place = limitBytes === undefined ? '' : file;
    const { database, release } = await share(host, place, () => openOwn(request));
    return { database, release: () => release().finally(leave) };
  } catch (error) {
    leave();
    throw error;
  }
}

async function share(
  { own }: HostEngines,
  place: string | undefined,
  open: () => OwnEngine['opened'],
): Promise<Engine> {
  const engine = (place === undefined ? undefined : own.get(place)) ?? { opened: open(), userCount: 0 };
  if (place !== undefined) own.set(place, engine);
  engine.userCount += 1;
  const forget = (): void => {
    if (place !== undefined && own.get(place) === engine) own.delete(place);
  };
  let isReleased = false;
  const release = async (): Promise<void> => {
    if (isReleased) return;
    isReleased = true;
    engine.userCount -= 1;
    if (engine.userCount > 0) return;
    forget();
    const { database, spills } = await engine.opened;
    await database.close();
    await spills.remove();
  };
  try {
    return { database: (await engine.opened).database, release };
  } catch (error) {
    forget();
    throw error;
  }
}

async function openOwn({ memory, limitBytes, component }: EngineRequest): OwnEngine['opened'] {
  const spills = await createProcessFolder('spill');
  const place = { path: ':memory:', tempDirectory: spills.path };
  try {
    const database =
      limitBytes === undefined
        ? await openDatabase({
            ...place,
            component: 'accelerator duckdb',
            memory: memory && { budget: memory, minBytes: LEAST_BYTES },
          })
        : await openDatabase({ ...place, component, ...limitedTo(limitBytes, memory) });
    return { database, spills };
  } catch (error) {
    await spills.remove();
    throw error;
  }
}

function limitedTo(bytes: number, budget: MemoryBudget | undefined) {
  const threads = Math.max(1, Math.floor(bytes / THREAD_BYTES));
  const limit = budget
    ? { memory: { budget, minBytes: bytes, maxBytes: bytes, setting: LIMIT } }
    : { memoryLimit: `${bytes}B` };
  return { ...limit, ...(threads <= availableParallelism() ? { threads } : {}) };
}

function requireEnough({ limitBytes, component }: EngineRequest): void {
  if (limitBytes === undefined || limitBytes >= LEAST_BYTES) return;
  throw new MillraceError({
    code: 'invalid_config',
    component,
    connector: 'duckdb',
    message: `${LIMIT} is less than the 32 MiB that an instance needs`,
    hint: 'Raise it, or leave it out: the dataset then shares the memory of the query engine',
  });
}

/** An instance has one limit, and a file one instance. */
function agreeOnLimit(host: HostEngines, request: EngineRequest, file: string | undefined): () => void {
  if (file === undefined) return () => undefined;
  const { limitBytes, component } = request;
  const use = host.files.get(file) ?? { limitBytes, userCount: 0 };
  if (use.limitBytes !== limitBytes)
    throw new MillraceError({
      code: 'invalid_config',
      component,
      connector: 'duckdb',
      message: `its ${LIMIT} is another one than the file ${file} is open with`,
      hint: `Give all datasets of the file the same ${LIMIT}, or leave it out of all; a running file takes another one after a restart`,
    });
  host.files.set(file, use);
  use.userCount += 1;
  let hasLeft = false;
  return () => {
    if (hasLeft) return;
    hasLeft = true;
    use.userCount -= 1;
    if (use.userCount === 0) host.files.delete(file);
  };
}

/** The same for every spelling of a path, also before the file is there. */
function realPathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    try {
      return join(realpathSync(dirname(file)), basename(file));
    } catch {
      return file;
    }
  }
}
