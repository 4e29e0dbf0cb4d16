import { MillraceError } from '@millrace/core';
import type { RefreshOverrides, RefreshRunParts } from './refresh-run.ts';

/**
 * Checks what a caller asks of a refresh before there is one: a mistake in it says nothing of the dataset.
 *
 * @throws MillraceError `invalid_argument` for another mode, `unsupported` for an append where none is configured.
 */
export function requirePossible(
  { mode }: RefreshOverrides,
  { dataset, mode: configured }: Pick<RefreshRunParts, 'dataset' | 'mode'>,
): void {
  if (mode === undefined || mode === 'full' || (mode === 'append' && configured === 'append')) return;
  const component = `dataset ${dataset}`;
  if (mode !== 'append')
    throw new MillraceError({
      code: 'invalid_argument',
      component,
      message: 'the `mode` of this refresh is neither full nor append',
      hint: 'Leave it out to refresh as configured.',
    });
  throw new MillraceError({
    code: 'unsupported',
    component,
    message: 'it is not configured to be refreshed by append',
    hint: 'Set `refresh_mode: append`, or refresh it in full.',
  });
}
