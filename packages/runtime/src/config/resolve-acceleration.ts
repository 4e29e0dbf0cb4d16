import { parseDuration } from '@millrace/core';
import type { ConfigContext } from './config-context.ts';
import type { AccelerationInput } from './config-input.ts';
import type { AccelerationConfig } from './config-model.ts';
import { type ConfigPath, nodeAt } from './config-node.ts';
import { placeOf } from './config-place.ts';
import { resolveParams } from './resolve-params.ts';

const REFRESH_FIELDS = ['refresh_mode', 'refresh_check_interval', 'refresh_sql'] as const;

/** Checks an `acceleration` block, fills in defaults, and reports every problem; undefined without a block. */
export function resolveAcceleration(
  context: ConfigContext,
  path: ConfigPath,
  input: AccelerationInput | undefined,
): AccelerationConfig | undefined {
  if (nodeAt(context.root, path)?.kind !== 'map' || !input) return undefined;
  const { enabled = true, engine = 'arrow', mode = 'memory', refresh_mode: refreshMode } = input;
  const intervalMs = resolveInterval(context, [...path, 'refresh_check_interval'], input.refresh_check_interval);
  warnOfUnused(context, path, input);
  return {
    enabled,
    engine,
    mode,
    ...(refreshMode === undefined ? {} : { refreshMode }),
    ...(intervalMs === undefined ? {} : { refreshCheckIntervalMs: intervalMs }),
    ...(input.refresh_sql === undefined ? {} : { refreshSql: input.refresh_sql }),
    params: resolveParams(context, [...path, 'params']),
  };
}

function resolveInterval(context: ConfigContext, path: ConfigPath, text: string | undefined): number | undefined {
  if (text === undefined || !context.shape.isSound(path)) return undefined;
  const intervalMs = readDuration(text);
  if (intervalMs !== undefined && intervalMs > 0) return intervalMs;
  context.report.problem({
    ...placeOf(context.root, path),
    code: 'invalid_config',
    message: '`acceleration.refresh_check_interval` must be a duration above 0 with a unit',
    hint: 'Write for example 30s, 5m or 1h',
  });
  return undefined;
}

function readDuration(text: string): number | undefined {
  try {
    return parseDuration(text);
  } catch {
    return undefined;
  }
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
