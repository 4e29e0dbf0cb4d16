import { isMillraceError, MillraceError } from '@millrace/core';

/** The error for bytes that are not whole, valid Arrow IPC. */
export function invalidIpc(message: string, cause?: unknown): MillraceError {
  return new MillraceError({
    code: 'invalid_data',
    component: 'arrow ipc',
    message,
    hint: 'Check that the data is an Arrow IPC file or stream (Feather version 2) and was written to its end.',
    cause,
  });
}

/** Whatever apache-arrow throws about bytes that it cannot read, as {@link invalidIpc}; our own errors and I/O's pass. */
export function toIpcError(error: unknown): unknown {
  if (isMillraceError(error) || isSystemError(error)) return error;
  return invalidIpc('the data cannot be read as Arrow IPC', error);
}

/** Errors of the file system and of sockets carry the number of the failed system call. */
function isSystemError(error: unknown): boolean {
  return typeof (error as { readonly errno?: unknown } | null)?.errno === 'number';
}
