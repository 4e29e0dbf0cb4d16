import { randomBytes } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isMillraceError } from '@millrace/core';
import type { DuckDbDatabase } from '@millrace/duckdb';
import { attachError } from './attach-error.ts';
import { Catalog, type CatalogPlace } from './catalog.ts';
import { isEmptyCatalog, removeFile } from './drop-table.ts';

/** A catalog in use; it is closed when its last user gives it back. */
export interface CatalogLease {
  readonly catalog: Catalog;
  /** Idempotent. */
  release(): Promise<void>;
  /** As {@link release}; the file is removed where nobody else uses it and nothing is in there, before it can be opened again. */
  remove(): Promise<void>;
}

interface SharedCatalog {
  readonly opened: Promise<Catalog>;
  userCount: number;
  /** Set once the last user has given it back. */
  closing?: Promise<void>;
}

/** The catalogs of each instance, by real path; the one in memory under the empty path. */
const catalogs = new WeakMap<DuckDbDatabase, Map<string, SharedCatalog>>();

/** Sets the aliases of this copy of the package apart from those of another one that uses the same instance. */
const copy = randomBytes(4).toString('hex');
let lastNumber = 0;

/**
 * Opens the catalog of a file, or the one in memory; datasets of one instance that name the same place share it.
 *
 * @throws MillraceError `conflict` when the file is open elsewhere, `invalid_data` when it is no usable database, `io`.
 */
export async function acquireCatalog(request: {
  readonly database: DuckDbDatabase;
  readonly file: string | undefined;
  readonly component: string;
}): Promise<CatalogLease> {
  const { database, component } = request;
  const file = request.file === undefined ? undefined : await resolveFile(request.file, component);
  const places = catalogs.get(database) ?? new Map<string, SharedCatalog>();
  catalogs.set(database, places);
  const place = file ?? '';
  let shared = places.get(place);
  while (shared?.closing !== undefined) {
    await shared.closing;
    shared = places.get(place);
  }
  if (!shared) {
    lastNumber += 1;
    const alias = `__millrace_acc_${copy}_${lastNumber}`;
    shared = { opened: openCatalog({ database, alias, file }), userCount: 0 };
    places.set(place, shared);
  }
  return lease({ places, place, shared, component, file });
}

/** How long a file that was let go may stay open: as long as a statement that looks through the names of all databases. */
const LET_GO_MS = 10_000;
const LET_GO_STEP_MS = 20;
/** Files that were let go here, of each instance. */
const letGo = new WeakMap<DuckDbDatabase, Set<string>>();

/** Opens a catalog, if need be once the last statement has ended that saw it when it was open before. */
async function openCatalog(place: CatalogPlace): Promise<Catalog> {
  const { database, file } = place;
  const wasLetGo = file !== undefined && letGo.get(database)?.has(file) === true;
  for (let waitedMs = 0; ; waitedMs += LET_GO_STEP_MS) {
    try {
      return await Catalog.open(place);
    } catch (error) {
      const isInUse = isMillraceError(error) && error.code === 'conflict';
      if (!isInUse || !wasLetGo || waitedMs >= LET_GO_MS) throw error;
    }
    await setTimeout(LET_GO_STEP_MS);
  }
}

async function lease(request: {
  readonly places: Map<string, SharedCatalog>;
  readonly place: string;
  readonly shared: SharedCatalog;
  readonly component: string;
  readonly file: string | undefined;
}): Promise<CatalogLease> {
  const { places, place, shared, component, file } = request;
  const forget = (): void => {
    if (places.get(place) === shared) places.delete(place);
  };
  shared.userCount += 1;
  try {
    const catalog = await shared.opened;
    let isReleased = false;
    const leave = async (close: () => Promise<void>): Promise<void> => {
      if (isReleased) return;
      isReleased = true;
      shared.userCount -= 1;
      if (shared.userCount > 0) return;
      const { database } = catalog;
      letGo.set(database, (letGo.get(database) ?? new Set<string>()).add(place));
      shared.closing = close().finally(forget);
      await shared.closing;
    };
    return { catalog, release: () => leave(() => catalog.close()), remove: () => leave(() => closeAndRemove(catalog)) };
  } catch (error) {
    forget();
    throw file === undefined ? error : await attachError(error, { file, component });
  }
}

async function closeAndRemove(catalog: Catalog): Promise<void> {
  const isEmpty = await isEmptyCatalog(catalog);
  await catalog.close();
  if (isEmpty && catalog.file !== undefined) await removeFile(catalog.file);
}

/** The real path, so that two spellings of one file share it; makes the folder. */
async function resolveFile(file: string, component: string): Promise<string> {
  try {
    await mkdir(dirname(file), { recursive: true });
    const target = join(await realpath(dirname(file)), basename(file));
    return await realpath(target).catch(() => target);
  } catch (error) {
    throw await attachError(error, { file, component });
  }
}
