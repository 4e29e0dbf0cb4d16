import { Cron } from 'croner';
import type { ConfigContext } from './config-context.ts';
import type { AccelerationInput } from './config-input.ts';
import type { AccelerationConfig } from './config-model.ts';
import type { ConfigPath } from './config-node.ts';
import { placeOf } from './config-place.ts';
import { resolveDuration } from './resolve-duration.ts';

/** Share of the interval that the jitter is without a bound of its own. */
const DEFAULT_JITTER = 0.1;

type Schedule = Pick<
  AccelerationConfig,
  'refreshCheckIntervalMs' | 'refreshCron' | 'refreshJitterMs' | 'refreshOnStartup' | 'refreshMaxRetries'
>;

/** Reads when an `acceleration` block is refreshed and how often a failed refresh is tried again, and reports every problem. */
export function resolveSchedule(context: ConfigContext, path: ConfigPath, input: AccelerationInput): Schedule {
  const intervalMs = resolveDuration(context, {
    path: [...path, 'refresh_check_interval'],
    text: input.refresh_check_interval,
  });
  const cron = resolveCron(context, [...path, 'refresh_cron'], input.refresh_cron);
  if (input.refresh_cron !== undefined && input.refresh_check_interval !== undefined) {
    context.report.problem({
      ...placeOf(context.root, [...path, 'refresh_cron']),
      code: 'invalid_config',
      message: 'it has both `acceleration.refresh_check_interval` and `acceleration.refresh_cron`',
      hint: 'Keep one of them',
    });
  }
  const jitterMs = resolveJitter(context, { path, input, intervalMs });
  const maxRetries = resolveRetries(context, path, input);
  return {
    ...(intervalMs === undefined ? {} : { refreshCheckIntervalMs: intervalMs }),
    ...(cron === undefined ? {} : { refreshCron: cron }),
    ...(jitterMs === undefined ? {} : { refreshJitterMs: jitterMs }),
    ...(input.refresh_on_startup === undefined ? {} : { refreshOnStartup: input.refresh_on_startup }),
    ...(maxRetries === undefined ? {} : { refreshMaxRetries: maxRetries }),
  };
}

function resolveCron(context: ConfigContext, path: ConfigPath, pattern: string | undefined): string | undefined {
  if (pattern === undefined || !context.shape.isSound(path)) return undefined;
  try {
    // Names no job and starts none: this checks the pattern, and that its time ever comes.
    if (new Cron(pattern, { timezone: 'UTC', paused: true }).nextRun() !== null) return pattern;
  } catch {
    // What the library says may repeat the text.
  }
  context.report.problem({
    ...placeOf(context.root, path),
    code: 'invalid_config',
    message: '`acceleration.refresh_cron` must be a cron pattern whose time comes',
    hint: 'Write minute, hour, day, month and day of the week in UTC, for example "0 3 * * *"',
  });
  return undefined;
}

interface Jitter {
  readonly path: ConfigPath;
  readonly input: AccelerationInput;
  readonly intervalMs: number | undefined;
}

function resolveJitter(context: ConfigContext, { path, input, intervalMs }: Jitter): number | undefined {
  const maxMs = resolveDuration(context, { path: [...path, 'refresh_jitter_max'], text: input.refresh_jitter_max });
  const report = (field: string, message: string, hint: string) =>
    context.report.problem({ ...placeOf(context.root, [...path, field]), code: 'invalid_config', message, hint });
  if (input.refresh_jitter_enabled !== true) {
    if (input.refresh_jitter_max !== undefined)
      report(
        'refresh_jitter_max',
        '`acceleration.refresh_jitter_max` has no meaning without `refresh_jitter_enabled: true`',
        'Enable the jitter, or remove the bound',
      );
    return undefined;
  }
  if (maxMs !== undefined || intervalMs !== undefined) return maxMs ?? Math.round((intervalMs ?? 0) * DEFAULT_JITTER);
  if (input.refresh_check_interval === undefined && input.refresh_jitter_max === undefined)
    report(
      'refresh_jitter_enabled',
      '`acceleration.refresh_jitter_enabled` needs `refresh_jitter_max` where there is no `refresh_check_interval`',
      'Add the bound, for example `refresh_jitter_max: 1m`',
    );
  return undefined;
}

function resolveRetries(context: ConfigContext, path: ConfigPath, input: AccelerationInput): number | undefined {
  const { refresh_retry_enabled: enabled, refresh_retry_max_attempts: attempts } = input;
  if (enabled === false && attempts !== undefined)
    context.report.problem({
      ...placeOf(context.root, [...path, 'refresh_retry_max_attempts']),
      code: 'invalid_config',
      message: '`acceleration.refresh_retry_max_attempts` has no meaning where `refresh_retry_enabled` is false',
      hint: 'Remove one of them',
    });
  return enabled === false ? 0 : attempts;
}
