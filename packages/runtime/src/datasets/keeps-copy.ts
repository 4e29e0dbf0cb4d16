import type { DatasetConfig } from '../config/index.ts';
import { isSameCopy } from '../config/same-copy.ts';
import type { Dataset } from './dataset.ts';

/**
 * Whether a running dataset can go by another definition with the copy that it has. One without a copy has nothing to keep, and its source is looked
 * at anew; one that could not be loaded so far is made anew, which tries it at once.
 */
export function keepsCopy(dataset: Dataset, config: DatasetConfig): boolean {
  const { acceleration, failure } = dataset;
  if (!acceleration || failure || !isSameCopy(dataset.config, config)) return false;
  return acceleration.isLoaded || acceleration.status.state === 'loading';
}
