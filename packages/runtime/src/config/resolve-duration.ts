import { parseDuration } from '@millrace/core';
import type { ConfigContext } from './config-context.ts';
import { type ConfigPath, toFieldPath } from './config-node.ts';
import { placeOf } from './config-place.ts';

/** One field that holds a duration. */
export interface DurationField {
  /** The field's path; nothing is read where its shape is not sound. */
  readonly path: ConfigPath;
  readonly text: string | undefined;
  /** Smallest value in milliseconds; default 1. */
  readonly minimum?: 0 | 1;
}

/** Reads a duration into milliseconds; undefined where there is none, or a wrong one, which is reported. */
export function resolveDuration(
  context: ConfigContext,
  { path, text, minimum = 1 }: DurationField,
): number | undefined {
  if (text === undefined || !context.shape.isSound(path)) return undefined;
  const durationMs = readDuration(text);
  if (durationMs !== undefined && durationMs >= minimum) return durationMs;
  context.report.problem({
    ...placeOf(context.root, path),
    code: 'invalid_config',
    message: `\`${toFieldPath(path.slice(2))}\` must be a duration${minimum > 0 ? ' above 0' : ''} with a unit`,
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
