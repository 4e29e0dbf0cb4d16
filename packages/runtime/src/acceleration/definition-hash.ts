import { createHash } from 'node:crypto';
import { schemaToJson } from '@millrace/arrow';
import type { Schema } from '@millrace/core';
import type { AccelerationConfig } from '../config/index.ts';
import type { Dataset } from '../datasets/dataset.ts';

/** Two definitions with one hash hold the same rows, as far as the definition decides. Secrets take part as a hash only. */
export function hashDefinition(
  dataset: Dataset,
  config: AccelerationConfig,
  { schema, mode }: { readonly schema: Schema; readonly mode: 'full' | 'append' },
): string {
  const { timeColumn, timeFormat } = dataset.config;
  const goesByTime = mode === 'append' || config.refreshDataWindowMs !== undefined;
  const definition = {
    from: dataset.config.from.text,
    params: [...dataset.config.params].map(([name, { text }]) => [name, text]).sort(),
    columns: dataset.config.columns ?? null,
    refreshSql: config.refreshSql ?? null,
    schema: schemaToJson(schema),
    ...(goesByTime ? { time: { column: timeColumn, format: timeFormat, windowMs: config.refreshDataWindowMs } } : {}),
    ...(config.indexes ? { indexes: config.indexes } : {}),
    ...(config.primaryKey ? { primaryKey: config.primaryKey, onConflict: config.onConflict ?? null } : {}),
  };
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex');
}
