import { type ErrorCode, isMillraceError, MillraceError } from '@millrace/core';
import { findScanFailure } from '../loading/scan-failure.ts';

interface ErrorClass {
  readonly code: ErrorCode;
  readonly hint?: string;
  readonly retryable?: boolean;
  /** The text may quote row values. */
  readonly quotesValues?: boolean;
}

/**
 * DuckDB's exception types, as each message begins with. They are its documented contract, as its C interface hands out no other form.
 *
 * Source: https://github.com/duckdb/duckdb, `exception.cpp`, `EXCEPTION_MAP`.
 */
const CLASSES: Readonly<Record<string, ErrorClass>> = {
  'Parser Error': { code: 'sql_syntax' },
  'Syntax Error': { code: 'sql_syntax' },
  'Binder Error': { code: 'sql_error' },
  'Catalog Error': { code: 'sql_error' },
  'Parameter Not Resolved Error': { code: 'invalid_argument', hint: 'Cast the parameter to the type that is meant' },
  'Parameter Not Allowed Error': { code: 'invalid_argument' },
  'Expression Error': { code: 'sql_error' },
  'Conversion Error': {
    code: 'invalid_data',
    quotesValues: true,
    hint: 'Use TRY_CAST to get NULL for what does not fit',
  },
  'Mismatch Type Error': { code: 'invalid_data', quotesValues: true },
  'Invalid type Error': { code: 'invalid_data', quotesValues: true },
  'Out of Range Error': { code: 'invalid_data', quotesValues: true },
  'Decimal Error': { code: 'invalid_data', quotesValues: true },
  'Divide by Zero Error': { code: 'invalid_data' },
  'Invalid Input Error': { code: 'sql_error', quotesValues: true },
  'Constraint Error': { code: 'integrity', quotesValues: true },
  'Sequence Error': { code: 'integrity' },
  'TransactionContext Error': { code: 'conflict', retryable: true },
  'Dependency Error': { code: 'conflict' },
  'IO Error': { code: 'io' },
  'Network Error': { code: 'unavailable', retryable: true },
  'Connection Error': { code: 'unavailable', retryable: true },
  'HTTP Error': { code: 'unavailable', retryable: true },
  'Permission Error': { code: 'unauthorized' },
  'Out of Memory Error': { code: 'resource_exhausted' },
  'Object Size Error': { code: 'resource_exhausted' },
  'INTERRUPT Error': { code: 'cancelled' },
  'Not implemented Error': { code: 'unsupported' },
  'Missing Extension Error': {
    code: 'unsupported',
    hint: 'The function or format needs an extension of DuckDB that is not loaded',
  },
  'Autoloading Error': { code: 'unsupported' },
  'Settings Error': { code: 'invalid_argument' },
  'Invalid Configuration Error': { code: 'invalid_argument' },
  'Serialization Error': { code: 'invalid_data' },
  'INTERNAL Error': { code: 'internal' },
  'FATAL Error': { code: 'internal' },
};

const LOCKED = /^Could not set lock on file/;
/** A file that was detached stays in use until the last statement has ended that saw it. */
const ATTACHED = /^Unique file handle conflict:/;
/** As the local file system of DuckDB says it, by itself and as the reason why a transaction could not be committed. */
const UNWRITABLE = /^(?:Failed to commit: )?(?:Could not write |Could not truncate |fsync failed)/;
/** As the pool of temporary files says it; the limit is that of the disk, or `max_temp_directory_size`. */
const UNSPILLABLE = /^failed to offload data block/;
const UNKNOWN_TABLE = /^Table with name /;
/** DuckDB appends where in the SQL it stood, and for internal errors a stack. */
const APPENDIX = /\n\s*\n?(LINE \d+:|Stack Trace:)[\s\S]*$/;
const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"/g;

/** What is known of the instance that an error comes from. */
export interface ErrorPlace {
  /** The setting that limits its memory, for the hint; default none in particular. */
  readonly memorySetting?: string | undefined;
}

/**
 * Turns what DuckDB threw into a {@link MillraceError}, with the original as cause. A MillraceError passes as it is.
 *
 * Where the message may quote row values (conversions, constraints) what stands in quotes is left out; it is still in the cause.
 */
export function classifyDuckDbError(error: unknown, component: string, place: ErrorPlace = {}): MillraceError {
  if (isMillraceError(error)) {
    return error;
  }
  const scanFailure = findScanFailure(error);
  if (scanFailure !== undefined) {
    return scanFailure;
  }
  const text = error instanceof Error ? error.message : String(error);
  const colon = text.indexOf(': ');
  const found = CLASSES[text.slice(0, Math.max(colon, 0))];
  if (found === undefined) {
    return new MillraceError({ code: 'sql_error', component, message: firstLine(text), cause: error });
  }
  const reason = text.slice(colon + 2);
  const special = found === CLASSES['Out of Memory Error'] ? outOfMemory(reason, place) : specialCase(found, reason);
  return new MillraceError({
    component,
    cause: error,
    message: reasonText(found, reason),
    code: special?.code ?? found.code,
    retryable: special?.retryable ?? found.retryable ?? false,
    ...hintOf(special?.hint ?? found.hint),
  });
}

/** Memory that is full, or the room for what had to leave it. */
function outOfMemory(reason: string, { memorySetting = 'the memory limit' }: ErrorPlace): ErrorClass {
  const hint = UNSPILLABLE.test(reason)
    ? 'Make room on the disk of the folder for temporary files'
    : `Raise ${memorySetting}, or work on fewer rows and columns at a time`;
  return { code: 'resource_exhausted', hint };
}

/** Conditions that share their exception type with others and are told apart by the fixed start of the message. */
function specialCase({ code }: ErrorClass, reason: string): ErrorClass | undefined {
  if ((code === 'io' || code === 'conflict') && UNWRITABLE.test(reason)) {
    return { code: 'io', retryable: true, hint: 'Make room on the disk, and check its limits' };
  }
  if (code === 'io' && LOCKED.test(reason)) {
    return {
      code: 'conflict',
      retryable: true,
      hint: 'Another process has the file open; close it there, or use another file',
    };
  }
  if (code === 'sql_error' && ATTACHED.test(reason)) return { code: 'conflict', retryable: true };
  return code === 'sql_error' && UNKNOWN_TABLE.test(reason) ? { code: 'unknown_table' } : undefined;
}

function reasonText({ code, quotesValues }: ErrorClass, reason: string): string {
  if (code === 'cancelled') {
    return 'cancelled';
  }
  // The SQL that a syntax error points at is the caller's own text; that of any other may come from values.
  const plain = code === 'sql_syntax' ? reason.trim() : firstLine(reason.replace(APPENDIX, ''));
  return quotesValues ? plain.replace(QUOTED, '…') : plain;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.trim() || 'failed without saying why';
}

function hintOf(hint: string | undefined): { readonly hint?: string } {
  return hint === undefined ? {} : { hint };
}
