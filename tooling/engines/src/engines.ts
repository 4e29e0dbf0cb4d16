import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { sqliteAccelerator } from '@millrace/accelerator-sqlite';
import type { AcceleratorPlugin } from '@millrace/core';

/** Every accelerator of this repository; the one place that a new one is added to. */
export const ENGINES: readonly AcceleratorPlugin[] = [arrowAccelerator, duckdbAccelerator, sqliteAccelerator];

/** An engine in one of its modes, as `acceleration` of a dataset takes them. */
export interface EngineMode {
  readonly engine: string;
  readonly mode: 'memory' | 'file';
}

/** Every engine in each of its modes. */
export const ENGINE_MODES: readonly EngineMode[] = ENGINES.flatMap(({ id, modes }) =>
  modes.map((mode) => ({ engine: id, mode })),
);
