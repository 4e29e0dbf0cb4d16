import { MillraceError, nearestName } from '@millrace/core';
import { toComparisonKey, toNameKey } from '../config/table-name.ts';
import type { Dataset } from './dataset.ts';

/** The dataset of that name as SQL would write it, in any case. @throws MillraceError `unknown_table` with the nearest name. */
export function findDataset(datasets: readonly Dataset[], name: string): Dataset {
  const key = toNameKey(name);
  const found = datasets.find(({ config }) => toComparisonKey(config.name) === key);
  if (found) return found;
  const names = datasets.map(({ config }) => config.name.text);
  const nearest = nearestName(name, names);
  throw new MillraceError({
    code: 'unknown_table',
    component: 'runtime',
    message: `there is no dataset ${name}`,
    hint: nearest === undefined ? `Datasets: ${names.join(', ')}.` : `Did you mean ${nearest}?`,
  });
}
