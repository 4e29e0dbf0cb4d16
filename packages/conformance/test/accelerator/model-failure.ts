import { MillraceError } from '@millrace/core';

/** An error of the model accelerator. */
export function modelFailure(code: MillraceError['code'], message: string, cause?: unknown): MillraceError {
  return new MillraceError({
    code,
    component: 'dataset of the model',
    connector: 'model',
    message,
    hint: 'Look at the model',
    ...(cause !== undefined && { cause }),
  });
}
