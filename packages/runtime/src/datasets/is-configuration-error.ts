import { type ErrorCode, isMillraceError } from '@millrace/core';

const CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'invalid_config',
  'unknown_field',
  'not_yet_supported',
  'unknown_parameter',
  'missing_parameter',
  'invalid_parameter',
  'unknown_connector',
  'unknown_accelerator',
  'plugin_failed',
]);

/** Tells a mistake in the configuration, which ends the start, from a failing source, which leaves one dataset unavailable. */
export function isConfigurationError(error: unknown): boolean {
  return isMillraceError(error) && CODES.has(error.code);
}
