import type { ConfigContext } from './config-context.ts';
import type { AccelerationInput } from './config-input.ts';
import type { ConfigName, RetentionConfig } from './config-model.ts';
import type { ConfigPath } from './config-node.ts';
import { placeOf } from './config-place.ts';
import { resolveDuration } from './resolve-duration.ts';
import { parseRetentionSql } from './retention-sql.ts';

/** The retention of one `acceleration` block. */
export interface RetentionEntry {
  readonly path: ConfigPath;
  readonly input: AccelerationInput;
  /** Whether the dataset names a time column. */
  readonly time: 'column' | 'none';
  /** The dataset's name; undefined when it was refused, and reported, already. */
  readonly name: ConfigName | undefined;
}

/** Reads the fields of retention and reports every problem; undefined where it is not enabled. */
export function resolveRetention(context: ConfigContext, entry: RetentionEntry): RetentionConfig | undefined {
  const { path, input, time, name } = entry;
  const { retention_period: period, retention_sql: sql, retention_check_interval: interval } = input;
  const report = (field: string, message: string, hint: string) =>
    context.report.problem({ ...placeOf(context.root, [...path, field]), code: 'invalid_config', message, hint });
  const intervalMs = resolveDuration(context, { path: [...path, 'retention_check_interval'], text: interval });
  const periodMs = resolveDuration(context, { path: [...path, 'retention_period'], text: period });
  if (period !== undefined && time === 'none')
    report(
      'retention_period',
      '`acceleration.retention_period` needs `time_column`: without it nothing tells how old a row is',
      'Add `time_column` to the dataset, or use `retention_sql`',
    );
  const condition = sql === undefined || !name ? undefined : parseRetentionSql(sql, name);
  if (sql !== undefined && name && condition === undefined && context.shape.isSound([...path, 'retention_sql']))
    report(
      'retention_sql',
      '`acceleration.retention_sql` must be a DELETE of rows of this dataset',
      `Write DELETE FROM ${name.text} WHERE and a condition`,
    );
  if (input.retention_check_enabled !== true) {
    if (period !== undefined || sql !== undefined || interval !== undefined) warnOfUnused(context, path);
    return undefined;
  }
  if (interval === undefined)
    report(
      'retention_check_enabled',
      'retention needs `acceleration.retention_check_interval`',
      'Write for example 1h',
    );
  if (period === undefined && sql === undefined)
    report(
      'retention_check_enabled',
      'retention needs `acceleration.retention_period` or `acceleration.retention_sql`',
      'Say which rows are removed',
    );
  if (intervalMs === undefined) return undefined;
  return {
    intervalMs,
    ...(periodMs === undefined ? {} : { periodMs }),
    ...(condition === undefined ? {} : { condition }),
  };
}

function warnOfUnused(context: ConfigContext, path: ConfigPath): void {
  const { component, location } = placeOf(context.root, path);
  context.report.warning(`${component}: retention has no effect without retention_check_enabled: true`, location);
}
