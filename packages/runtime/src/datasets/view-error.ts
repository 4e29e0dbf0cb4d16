import { isMillraceError, MillraceError } from '@millrace/core';
import type { ViewConfig } from '../config/index.ts';

/** The error as one of the view, with the place of its query; one of another kind is left as it is. */
export function viewError({ name, location }: ViewConfig, error: unknown): unknown {
  if (!isMillraceError(error)) return error;
  const place = error.location ?? location('sql');
  return new MillraceError({
    code: error.code,
    component: `view ${name.text}`,
    message: error.reason,
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(place ? { location: place } : {}),
  });
}
