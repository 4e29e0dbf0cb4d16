import { createHash, randomUUID } from 'node:crypto';
import type { AccelerationConfig } from '../config/index.ts';
import type { Dataset } from '../datasets/dataset.ts';

/** What tells the copies of `file_create` from those of earlier starts. */
const starts = new WeakMap<Dataset, string>();

/**
 * Two definitions with one hash hold the same rows, as far as the definition decides and the source has the same columns, which are compared
 * by themselves. Secrets take part as a hash only.
 */
export function hashDefinition(dataset: Dataset, config: AccelerationConfig, mode: 'full' | 'append'): string {
  const { timeColumn, timeFormat } = dataset.config;
  const goesByTime = mode === 'append' || config.refreshDataWindowMs !== undefined;
  const definition = {
    from: dataset.config.from.text,
    params: [...dataset.config.params].map(([name, { text }]) => [name, text]).sort(),
    columns: dataset.config.columns ?? null,
    ...(dataset.view ? { view: dataset.view.definition } : {}),
    refreshSql: config.refreshSql ?? null,
    ...(goesByTime ? { time: { column: timeColumn, format: timeFormat, windowMs: config.refreshDataWindowMs } } : {}),
    ...(config.indexes ? { indexes: config.indexes } : {}),
    ...(config.primaryKey ? { primaryKey: config.primaryKey, onConflict: config.onConflict ?? null } : {}),
  };
  if (config.mode === 'file_create') {
    const start = starts.get(dataset) ?? randomUUID();
    starts.set(dataset, start);
    return hashOf({ ...definition, start });
  }
  return hashOf(definition);
}

function hashOf(definition: object): string {
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex');
}
