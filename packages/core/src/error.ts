/**
 * Why an operation failed, for programs. Messages are for people and may change; codes may not.
 *
 * The first group is what sources and engines report, after ADBC's status codes; the second is Millrace's own.
 */
export type ErrorCode =
  | 'unauthenticated'
  | 'unauthorized'
  | 'not_found'
  | 'already_exists'
  | 'invalid_argument'
  | 'invalid_state'
  | 'invalid_data'
  | 'integrity'
  | 'conflict'
  | 'unsupported'
  | 'unavailable'
  | 'io'
  | 'timeout'
  | 'cancelled'
  | 'resource_exhausted'
  | 'internal'
  | 'invalid_plan'
  | 'invalid_config'
  | 'unknown_field'
  | 'not_yet_supported'
  | 'unknown_parameter'
  | 'missing_parameter'
  | 'invalid_parameter'
  | 'unknown_connector'
  | 'unknown_accelerator'
  | 'plugin_failed'
  | 'sql_syntax'
  | 'sql_refused'
  | 'sql_error'
  | 'unknown_table'
  | 'not_ready'
  | 'schema_mismatch'
  | 'schema_inference'
  | 'unsupported_type';

/** Everything an error is made from. */
export interface ErrorDetails {
  readonly code: ErrorCode;
  /** What failed, in words, for example `dataset orders`. Put in front of the message. */
  readonly component: string;
  /** Id of the connector or accelerator concerned; put behind the component in parentheses. */
  readonly connector?: string;
  /** The cause, one sentence, without secrets and row values. */
  readonly message: string;
  /** What to do about it, one sentence. */
  readonly hint?: string;
  /** True when the same call may succeed later without any change. Default false. */
  readonly retryable?: boolean;
  /** Where in a configuration file the cause stands; lines and columns count from 1. */
  readonly location?: SourceLocation;
  readonly cause?: unknown;
}

/** A place in a text file; line and column count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const BRAND: symbol = Symbol.for('millrace.error');

/**
 * The one error that Millrace and its plugins throw for what can go wrong at run time.
 *
 * `message` reads *component (connector): cause. What to do.* Recognise it by {@link isMillraceError}, never by
 * `instanceof`: two copies of core in one process are normal.
 */
export class MillraceError extends Error {
  override readonly name: string = 'MillraceError';
  readonly code: ErrorCode;
  readonly component: string;
  readonly connector: string | undefined;
  /** The cause alone, as it was given. */
  readonly reason: string;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly location: SourceLocation | undefined;

  constructor(details: ErrorDetails) {
    super(describe(details), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.component = details.component;
    this.connector = details.connector;
    this.reason = details.message;
    this.hint = details.hint;
    this.retryable = details.retryable ?? false;
    this.location = details.location;
  }
}

Object.defineProperty(MillraceError.prototype, BRAND, { value: true });

/** Tells whether a value is a {@link MillraceError} of any copy of core. */
export function isMillraceError(value: unknown): value is MillraceError {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true;
}

/** The error of a call that its `AbortSignal` ended; the signal's reason is kept as cause. */
export function cancelledError(component: string, signal?: AbortSignal): MillraceError {
  return new MillraceError({ code: 'cancelled', component, message: 'cancelled', cause: signal?.reason });
}

function describe({ component, connector, message, hint, location }: ErrorDetails): string {
  const place = location ? `${location.file}:${location.line}:${location.column}: ` : '';
  const subject = connector === undefined ? component : `${component} (${connector})`;
  return `${place}${subject}: ${sentence(message)}${hint === undefined ? '' : ` ${sentence(hint)}`}`;
}

function sentence(text: string): string {
  return /([.!?:]|[.!?]\))$/.test(text) ? text : `${text}.`;
}
