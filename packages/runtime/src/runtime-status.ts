import type { DatasetStatus } from './datasets/dataset.ts';
import type { CatalogStatus } from './datasets/source-catalog.ts';

/** A runtime as seen from outside, at one moment. */
export interface RuntimeStatus {
  /**
   * Every dataset can be asked: the accelerated ones have rows, loaded now or found again in a file, the others are connected or wait for their
   * first use. It stays so when a refresh fails later.
   */
  readonly isReady: boolean;
  /** A dataset or catalog has the state `error`: it cannot be asked, or what it answers is as old as its last refresh. */
  readonly isDegraded: boolean;
  /** In the order of the configuration. */
  readonly datasets: readonly DatasetStatus[];
  readonly catalogs: readonly CatalogStatus[];
}
