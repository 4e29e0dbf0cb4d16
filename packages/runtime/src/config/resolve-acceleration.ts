import type { ConfigContext } from './config-context.ts';
import type { AccelerationInput } from './config-input.ts';
import type { AccelerationConfig, ConfigName } from './config-model.ts';
import { type ConfigPath, nodeAt } from './config-node.ts';
import { placeOf } from './config-place.ts';
import { resolveDuration } from './resolve-duration.ts';
import { resolveKeys } from './resolve-keys.ts';
import { resolveParams } from './resolve-params.ts';
import { resolvePartitions } from './resolve-partitions.ts';
import { resolveRetention } from './resolve-retention.ts';
import { resolveSchedule } from './resolve-schedule.ts';

const REFRESH_FIELDS = [
  'refresh_mode',
  'refresh_check_interval',
  'refresh_cron',
  'refresh_sql',
  'refresh_data_window',
  'refresh_append_overlap',
] as const;

/** One `acceleration` block. */
export interface AccelerationEntry {
  readonly path: ConfigPath;
  readonly input: AccelerationInput | undefined;
  /** Whether the dataset names a time column. */
  readonly time: 'column' | 'none';
  /** The dataset's name; undefined when it was refused, and reported, already. */
  readonly name: ConfigName | undefined;
}

/** Checks an `acceleration` block, fills in defaults, and reports every problem; undefined without a block. */
export function resolveAcceleration(
  context: ConfigContext,
  { path, input, time, name }: AccelerationEntry,
): AccelerationConfig | undefined {
  if (nodeAt(context.root, path)?.kind !== 'map' || !input) return undefined;
  const { enabled = true, engine = 'arrow', mode = 'memory', refresh_mode: refreshMode } = input;
  const durationOf = (field: 'refresh_data_window' | 'refresh_append_overlap') =>
    resolveDuration(context, {
      path: [...path, field],
      text: input[field],
      minimum: field === 'refresh_append_overlap' ? 0 : 1,
    });
  const windowMs = durationOf('refresh_data_window');
  const overlapMs = durationOf('refresh_append_overlap');
  if (time === 'none') reportMissingTime(context, path, input);
  reportUnusedOverlap(context, path, input);
  warnOfUnused(context, path, input);
  const retention = resolveRetention(context, { path, input, time, name });
  return {
    enabled,
    engine,
    mode,
    ...(refreshMode === undefined ? {} : { refreshMode }),
    ...resolveSchedule(context, path, input),
    ...(input.refresh_sql === undefined ? {} : { refreshSql: input.refresh_sql }),
    ...(windowMs === undefined ? {} : { refreshDataWindowMs: windowMs }),
    ...(overlapMs === undefined || overlapMs === 0 ? {} : { refreshAppendOverlapMs: overlapMs }),
    ...(input.on_zero_results === undefined ? {} : { onZeroResults: input.on_zero_results }),
    ...(retention ? { retention } : {}),
    ...resolvePartitions(context, [...path, 'partition_by'], input.partition_by),
    ...resolveKeys(context, path, input),
    params: resolveParams(context, [...path, 'params']),
  };
}

/** What goes by the time of a row cannot work without a column that has it. */
function reportMissingTime(context: ConfigContext, path: ConfigPath, input: AccelerationInput): void {
  const report = (field: 'refresh_mode' | 'refresh_data_window', what: string) =>
    context.report.problem({
      ...placeOf(context.root, [...path, field]),
      code: 'invalid_config',
      message: `${what} needs \`time_column\`: without it nothing tells which rows are new`,
      hint: 'Add `time_column` to the dataset, or use `refresh_mode: full`',
    });
  if (input.refresh_mode === 'append') report('refresh_mode', '`acceleration.refresh_mode` append');
  if (input.refresh_data_window !== undefined) report('refresh_data_window', '`acceleration.refresh_data_window`');
}

/** A connector may choose append by itself, so that only a mode that stands there is a contradiction. */
function reportUnusedOverlap(context: ConfigContext, path: ConfigPath, input: AccelerationInput): void {
  if (input.refresh_append_overlap === undefined || input.refresh_mode !== 'full') return;
  context.report.problem({
    ...placeOf(context.root, [...path, 'refresh_append_overlap']),
    code: 'invalid_config',
    message: '`acceleration.refresh_append_overlap` has no meaning where `refresh_mode` is full',
    hint: 'Remove it, or set `refresh_mode: append`',
  });
}

/**
 * Switching an acceleration off for a while is legitimate; an interval that never comes round is worth a word all the
 * same.
 */
function warnOfUnused(context: ConfigContext, path: ConfigPath, input: AccelerationInput): void {
  const unused = REFRESH_FIELDS.filter((field) => input[field] !== undefined);
  if (input.enabled !== false || unused.length === 0) return;
  const { component, location } = placeOf(context.root, [...path, 'enabled']);
  context.report.warning(`${component}: acceleration is switched off, so ${unused.join(', ')} has no effect`, location);
}
