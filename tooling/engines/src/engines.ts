import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { postgresAccelerator } from '@millrace/accelerator-postgres';
import { sqliteAccelerator } from '@millrace/accelerator-sqlite';
import type { AcceleratorPlugin } from '@millrace/core';
import { missingPostgres } from '@millrace/services';
import { openPostgres } from './open-postgres.ts';
import type { OpenedEngine } from './opened-engine.ts';

interface TestedEngine {
  readonly plugin: AcceleratorPlugin;
  /** Why it cannot be had here; undefined where it can. */
  readonly missing?: string | undefined;
  /** Makes what the copies of one test are kept in; default: nothing. */
  readonly open?: () => Promise<OpenedEngine>;
}

/** Every accelerator of this repository; the one place that a new one is added to. */
const TESTED: readonly TestedEngine[] = [
  { plugin: arrowAccelerator },
  { plugin: duckdbAccelerator },
  { plugin: sqliteAccelerator },
  { plugin: postgresAccelerator, missing: missingPostgres(), open: openPostgres },
];

/** Every accelerator of this repository. */
export const ENGINES: readonly AcceleratorPlugin[] = TESTED.map(({ plugin }) => plugin);

/** An engine in one of its modes, as `acceleration` of a dataset takes them. */
export interface EngineMode {
  readonly engine: string;
  readonly mode: 'memory' | 'file';
}

/** Every engine that can be had here, in each of its modes; what is missing is printed. */
export const ENGINE_MODES: readonly EngineMode[] = TESTED.flatMap(({ plugin: { id, modes }, missing }) => {
  if (missing === undefined) return modes.map((mode) => ({ engine: id, mode }));
  console.info(`the engine ${id} is left out: ${missing}`);
  return [];
});

/** Makes what the copies of one test are kept in. */
export async function openEngine(engine: string): Promise<OpenedEngine> {
  const open = TESTED.find(({ plugin }) => plugin.id === engine)?.open;
  return open === undefined ? { params: {}, close: async () => {} } : open();
}
