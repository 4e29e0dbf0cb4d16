import { type ErrorCode, isMillraceError, MillraceError } from '@millrace/core';
import { SqliteFailure } from './client/sqlite-failure.ts';
import type { WorkerFailure } from './worker/protocol.ts';

interface ErrorClass {
  readonly code: ErrorCode;
  readonly message: (file: string) => string;
  readonly hint: string;
  readonly retryable?: boolean;
}

/**
 * SQLite's result codes; an extended one that is absent here is looked up by its primary code.
 *
 * Source: https://www.sqlite.org/rescode.html
 */
const CLASSES: Readonly<Record<string, ErrorClass>> = {
  SQLITE_NOTADB: {
    code: 'invalid_data',
    message: (file) => `${file} is not a SQLite database, or it is encrypted`,
    hint: 'Check that sqlite_file names a database file without encryption',
  },
  SQLITE_CORRUPT: {
    code: 'invalid_data',
    message: (file) => `${file} is damaged`,
    hint: 'Restore it from a backup, or salvage it with the .recover command of the sqlite3 shell',
  },
  SQLITE_BUSY: {
    code: 'unavailable',
    message: (file) => `${file} is locked by a process that writes to it`,
    hint: 'Raise sqlite_busy_timeout, or switch the database to WAL mode, in which readers never wait',
    retryable: true,
  },
  SQLITE_LOCKED: {
    code: 'unavailable',
    message: (file) => `a table of ${file} is locked`,
    hint: 'Run it again',
    retryable: true,
  },
  SQLITE_CANTOPEN: {
    code: 'unauthorized',
    message: (file) => `${file} cannot be opened`,
    hint: 'Give the user of this process the right to read it; a database in WAL mode also needs its -wal and -shm files beside it, or a folder that may be written to',
  },
  SQLITE_READONLY: {
    code: 'unauthorized',
    message: (file) => `${file} cannot be recovered, as it may not be written to`,
    hint: 'Open it once with a program that may write to it, so that its journal is applied',
  },
  SQLITE_PERM: {
    code: 'unauthorized',
    message: (file) => `${file} may not be read`,
    hint: 'Give the user of this process the right to read it',
  },
  SQLITE_AUTH: {
    code: 'unauthorized',
    message: (file) => `${file} may not be read`,
    hint: 'Give the user of this process the right to read it',
  },
  SQLITE_IOERR: {
    code: 'io',
    message: (file) => `${file} cannot be read`,
    hint: 'Check that the file is whole and its disk works',
    retryable: true,
  },
  SQLITE_FULL: {
    code: 'resource_exhausted',
    message: () => 'there is no room for temporary files',
    hint: 'Make room in the folder that SQLITE_TMPDIR names',
  },
  SQLITE_NOMEM: {
    code: 'resource_exhausted',
    message: () => 'there is not enough memory',
    hint: 'Read fewer columns, or give the process more memory',
  },
  SQLITE_TOOBIG: {
    code: 'resource_exhausted',
    message: () => 'a text or blob, or the statement, is too long',
    hint: 'Leave the column out',
  },
  SQLITE_SCHEMA: {
    code: 'conflict',
    message: () => 'the table was changed while it was read',
    hint: 'Run it again',
    retryable: true,
  },
  SQLITE_ERROR: {
    code: 'invalid_data',
    message: (file) => `SQLite refuses to read the table in ${file}`,
    hint: 'Read it with the sqlite3 shell to see why; a view may use a function or collation that only the program has which made it',
  },
};

/** What the codes mean to the one who writes the database; one that is absent means what it means to readers. */
const WRITE_CLASSES: Readonly<Record<string, ErrorClass>> = {
  SQLITE_NOTADB: {
    code: 'invalid_data',
    message: (file) => `${file} is not a SQLite database, or it is encrypted`,
    hint: 'Move it away and restart, or name another file',
  },
  SQLITE_CORRUPT: {
    code: 'invalid_data',
    message: (file) => `${file} is damaged`,
    hint: 'Move it away with its -wal and -shm files and restart: the rows are loaded again from the source',
  },
  SQLITE_BUSY: {
    code: 'unavailable',
    message: (file) => `${file} is locked by another program`,
    hint: 'Let nothing else write to it',
    retryable: true,
  },
  SQLITE_FULL: {
    code: 'io',
    message: (file) => `the disk of ${file} is full`,
    hint: 'Make room; the rows that were there before are kept',
    retryable: true,
  },
  SQLITE_IOERR: {
    code: 'io',
    message: (file) => `${file} cannot be written`,
    hint: 'Check that its disk works and has room',
    retryable: true,
  },
  SQLITE_CANTOPEN: {
    code: 'io',
    message: (file) => `${file} cannot be opened`,
    hint: 'Check that it is a file and that it and its folder may be written to',
  },
  SQLITE_READONLY: {
    code: 'io',
    message: (file) => `${file} may not be written to`,
    hint: 'Give the user of this process the right to write it and its folder',
  },
  SQLITE_PERM: {
    code: 'io',
    message: (file) => `${file} may not be written to`,
    hint: 'Give the user of this process the right to write it and its folder',
  },
  SQLITE_CONSTRAINT_NOTNULL: {
    code: 'integrity',
    message: () => 'a row has NULL in a column that is declared to hold none',
    hint: 'Leave such rows out with refresh_sql, or let the source declare the column as nullable',
  },
  SQLITE_CONSTRAINT: {
    code: 'integrity',
    message: () => 'several rows have one value of what is declared to be unique',
    hint: 'Leave the duplicates out with refresh_sql, or declare another key',
  },
  SQLITE_NOMEM: {
    code: 'resource_exhausted',
    message: () => 'there is not enough memory',
    hint: 'Give the process more memory',
  },
  SQLITE_TOOBIG: {
    code: 'resource_exhausted',
    message: () => 'a text or blob is too long for SQLite',
    hint: 'Leave the column out with refresh_sql',
  },
};

/** What was done when something failed. */
export interface Attempt {
  readonly component: string;
  readonly file: string;
  /** What the file is used for, which decides what a code means and what helps; default `read`. */
  readonly access?: 'read' | 'write';
}

/** Turns what a worker reports into a {@link MillraceError}; any other error passes as it is. Values of rows are never repeated. */
export function classifySqliteError(error: unknown, attempt: Attempt): unknown {
  return error instanceof SqliteFailure ? classifyFailure(error.failure, attempt, error) : error;
}

function classifyFailure(
  failure: WorkerFailure,
  { component, file, access = 'read' }: Attempt,
  cause: Error,
): MillraceError {
  const common = { component, connector: 'sqlite', cause };
  switch (failure.kind) {
    case 'sqlite': {
      const primary = failure.code.split('_').slice(0, 2).join('_');
      const own = access === 'write' ? (WRITE_CLASSES[failure.code] ?? WRITE_CLASSES[primary]) : undefined;
      const found = own ?? CLASSES[failure.code] ?? CLASSES[primary];
      if (found === undefined) {
        return new MillraceError({ ...common, code: 'internal', message: `SQLite failed with ${failure.code}` });
      }
      const { code, message, hint, retryable = false } = found;
      return new MillraceError({ ...common, code, message: `${message(file)} (${failure.code})`, hint, retryable });
    }
    case 'conflict':
      return new MillraceError({
        ...common,
        code: 'invalid_data',
        message: `column ${failure.column} of type ${failure.sourceType || 'unknown'} holds a value that does not fit it (${failure.found})`,
        hint:
          access === 'write'
            ? 'Correct the value at the source'
            : 'Correct the value, declare the column with a type that holds all of its values under columns (VARCHAR takes texts and numbers), or set sqlite_type_conflict: null',
      });
    case 'changed':
      return new MillraceError({
        ...common,
        code: 'schema_mismatch',
        message: 'the table was altered after the scan was planned',
        hint: 'Load the dataset again',
      });
    case 'owned':
      return new MillraceError({
        ...common,
        code: 'conflict',
        message: `the file ${file} is in use by another process, or by another part of this one`,
        hint: 'Close it there, or name another file with sqlite_file',
        retryable: true,
      });
    case 'stopped':
      return new MillraceError({ ...common, code: 'cancelled', message: 'cancelled' });
    case 'lost':
      return new MillraceError({
        ...common,
        code: 'io',
        message: 'the thread that reads the database ended',
        hint: 'Run it again; if it happens every time, report it',
        retryable: true,
      });
    default:
      return failure satisfies never;
  }
}

/** The error of looking at a file. */
export function fileError(component: string, file: string, error: NodeJS.ErrnoException): MillraceError {
  if (isMillraceError(error)) return error;
  const isRefused = error.code === 'EACCES' || error.code === 'EPERM';
  return new MillraceError({
    code: isRefused ? 'unauthorized' : 'io',
    component,
    connector: 'sqlite',
    message: isRefused ? `${file} may not be read` : `${file} cannot be read (${error.code ?? 'unknown cause'})`,
    ...(isRefused && { hint: 'Give the user of this process the right to read it' }),
    cause: error,
  });
}
