import { type ErrorCode, isMillraceError } from '@millrace/core';

/** What a reload has changed. Names are those of datasets, views and catalogs. */
export interface ReloadReport {
  readonly added: readonly string[];
  readonly updated: readonly string[];
  readonly removed: readonly string[];
  /** The settings that are other ones now, as the file names them: `runtime.caching`, `runtime.dataset_load_parallelism`. */
  readonly settings: readonly string[];
  /** Whose new definition could not be loaded: the old one stays, and the next reload tries again. Added datasets that fail are not among them. */
  readonly failed: readonly ReloadFailure[];
}

/** What a reload could not do. */
export interface ReloadFailure {
  readonly name: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** A failure of a dataset, view or catalog. */
export function toReloadFailure(name: string, error: unknown): ReloadFailure {
  if (isMillraceError(error)) return { name, code: error.code, message: error.message };
  return { name, code: 'internal', message: error instanceof Error ? error.message : String(error) };
}
