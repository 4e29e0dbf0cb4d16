import { cancelledError, type ErrorCode, isMillraceError, MillraceError } from '@millrace/core';

/** What was going on when something failed. */
export interface Attempt {
  /** For messages: `dataset orders`. */
  readonly component: string;
  readonly signal?: AbortSignal;
  /** What was being done. Default `statement`. */
  readonly phase?: 'connect' | 'statement';
  /** True when the statement had run for its whole timeout. */
  readonly hasTimedOut?: boolean;
  /** True when no password was given. */
  readonly lacksPassword?: boolean;
  /** Whether rows were being written. Default `read`. */
  readonly access?: 'read' | 'write';
}

interface Classification {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly retryable?: boolean;
}

const HOST_HINT = 'Check pg_host and pg_port, and that the server runs and can be reached from here';
const TLS_HINT =
  'Check pg_sslmode and pg_sslrootcert: verify-full needs a certificate for this host name from a trusted authority';

/** By SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const BY_STATE: Readonly<Record<string, Classification>> = {
  '28P01': { code: 'unauthenticated', message: 'the password is wrong', hint: 'Check pg_user and pg_pass' },
  '28000': {
    code: 'unauthenticated',
    message: 'the server refuses this role from this host',
    hint: 'Check pg_user, pg_sslmode and the rules in pg_hba.conf of the server',
  },
  '3D000': { code: 'not_found', message: 'the database does not exist', hint: 'Check pg_db' },
  '3F000': { code: 'not_found', message: 'the schema does not exist', hint: 'Check the name behind postgres:' },
  '42P01': { code: 'not_found', message: 'the table does not exist any more', hint: 'Check the name behind postgres:' },
  '42703': {
    code: 'conflict',
    message: 'the columns of the table changed after the scan was planned',
    hint: 'Run it again, or reload the dataset',
    retryable: true,
  },
  '42501': {
    code: 'unauthorized',
    message: 'the role may not read this table',
    hint: 'GRANT SELECT on the table and USAGE on its schema to the role',
  },
  '42601': {
    code: 'sql_error',
    message: 'the server does not understand the statement',
    hint: 'Report it with the text that explain shows',
  },
  '42939': { code: 'invalid_argument', message: 'a name is a reserved word', hint: 'Rename it' },
  '42704': { code: 'conflict', message: 'the snapshot of the scan is gone', hint: 'Run it again', retryable: true },
  '55P03': {
    code: 'timeout',
    message: 'a lock on the table was not to be had',
    hint: 'Try again later',
    retryable: true,
  },
  '53300': {
    code: 'resource_exhausted',
    message: 'the server has no connection left',
    hint: 'Lower connection_pool_size, or raise max_connections of the server',
    retryable: true,
  },
  '53100': {
    code: 'resource_exhausted',
    message: 'the disk of the server is full',
    hint: 'Make room at the server',
    retryable: true,
  },
  '57P01': { code: 'unavailable', message: 'the server ended the connection', hint: HOST_HINT, retryable: true },
  '57P02': { code: 'unavailable', message: 'the server crashed', hint: HOST_HINT, retryable: true },
  '57P03': {
    code: 'unavailable',
    message: 'the server is starting or stopping',
    hint: 'Try again in a moment',
    retryable: true,
  },
  '57P05': { code: 'unavailable', message: 'the server ended the idle connection', hint: 'Try again', retryable: true },
  '40001': { code: 'conflict', message: 'the transaction met another one', hint: 'Run it again', retryable: true },
  '40P01': {
    code: 'conflict',
    message: 'the transaction was the victim of a deadlock',
    hint: 'Run it again',
    retryable: true,
  },
  '72000': { code: 'conflict', message: 'the snapshot is too old', hint: 'Run it again', retryable: true },
  '25006': { code: 'invalid_state', message: 'the statement writes, and the session is read-only' },
  '0A000': { code: 'unsupported', message: 'the server does not support what the statement needs' },
};

/** What else, or the same, means to whoever writes; by the whole SQLSTATE or its first two characters. */
const BY_STATE_OF_WRITES: Readonly<Record<string, Classification>> = {
  '42501': {
    code: 'unauthorized',
    message: 'the role may not write there',
    hint: 'GRANT USAGE and CREATE on the schema to the role, CREATE on the database where the schema is to be made, TEMPORARY on it for appends',
  },
  '3F000': { code: 'not_found', message: 'the schema is gone', hint: 'Refresh the dataset after the schema is there' },
  '42P01': { code: 'not_found', message: 'the table is gone', hint: 'Refresh the dataset in full' },
  '22': { code: 'invalid_data', message: 'a value cannot be stored', hint: 'Convert the column at its source' },
  '23502': {
    code: 'integrity',
    message: 'a column that may hold no nulls has one',
    hint: 'Leave such rows out, or choose another primary key',
  },
  '25006': {
    code: 'unavailable',
    message: 'the server takes no writes, as a standby does not',
    hint: 'Name the primary server',
    retryable: true,
  },
};

/** By the first two characters of the SQLSTATE. */
const BY_CLASS: Readonly<Record<string, Classification>> = {
  '08': { code: 'io', message: 'the connection broke', hint: HOST_HINT, retryable: true },
  '22': {
    code: 'invalid_data',
    message: 'a value cannot be computed or converted',
    hint: 'Check the view or the generated column',
  },
  '23': { code: 'integrity', message: 'a constraint is violated' },
  '28': { code: 'unauthenticated', message: 'the server refuses the login', hint: 'Check pg_user and pg_pass' },
  '40': { code: 'conflict', message: 'the transaction was rolled back', hint: 'Run it again', retryable: true },
  '42': {
    code: 'sql_error',
    message: 'the server refuses the statement',
    hint: 'Report it with the text that explain shows',
  },
  '53': {
    code: 'resource_exhausted',
    message: 'the server lacks memory, disk or connections',
    hint: 'Try again later',
    retryable: true,
  },
  '54': { code: 'resource_exhausted', message: 'the statement passes a limit of the server' },
  '57': { code: 'unavailable', message: 'an operator intervened at the server', hint: 'Try again', retryable: true },
  '58': { code: 'io', message: 'the server cannot read its own files', hint: 'Look into the log of the server' },
  XX: { code: 'internal', message: 'the server reports an internal error', hint: 'Look into the log of the server' },
};

/** By the code of Node.js. */
const BY_NODE_CODE: Readonly<Record<string, Classification>> = {
  ENOTFOUND: { code: 'unavailable', message: 'the host is not known', hint: 'Check pg_host', retryable: true },
  EAI_AGAIN: {
    code: 'unavailable',
    message: 'the name of the host cannot be resolved now',
    hint: 'Check pg_host and the DNS',
    retryable: true,
  },
  ECONNREFUSED: { code: 'unavailable', message: 'nobody listens on the port', hint: HOST_HINT, retryable: true },
  EHOSTUNREACH: { code: 'unavailable', message: 'the host cannot be reached', hint: HOST_HINT, retryable: true },
  ENETUNREACH: {
    code: 'unavailable',
    message: 'the network of the host cannot be reached',
    hint: HOST_HINT,
    retryable: true,
  },
  ETIMEDOUT: { code: 'timeout', message: 'the host does not answer', hint: HOST_HINT, retryable: true },
  ECONNRESET: { code: 'io', message: 'the connection was reset', hint: HOST_HINT, retryable: true },
  EPIPE: { code: 'io', message: 'the connection broke', hint: HOST_HINT, retryable: true },
};

/** Codes of Node.js and OpenSSL for certificates and handshakes that failed. */
const TLS_CODE =
  /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;

/** The error of a vendor as Millrace's own, by its SQLSTATE or error code; the vendor's stays as cause. */
export function classifyError(error: unknown, attempt: Attempt): MillraceError {
  if (isMillraceError(error)) return error;
  if (attempt.signal?.aborted === true) return cancelledError(attempt.component, attempt.signal);
  const code = codeOf(error);
  const { message, ...rest } = classify(code, attempt);
  const state = code !== undefined && isState(code) ? ` (SQLSTATE ${code})` : '';
  return new MillraceError({
    component: attempt.component,
    connector: 'postgres',
    message: `${message}${state}`,
    ...rest,
    cause: error,
  });
}

/** The error for a server that does not speak TLS where the parameters demand it. */
export function noTlsError(component: string): MillraceError {
  return new MillraceError({
    code: 'unavailable',
    component,
    connector: 'postgres',
    message: 'the server does not accept TLS',
    hint: 'Turn TLS on at the server, or set pg_sslmode: disable where the network can be trusted',
  });
}

function classify(code: string | undefined, attempt: Attempt): Classification {
  if (code === '57014') {
    return attempt.hasTimedOut === true
      ? { code: 'timeout', message: 'the statement ran into pg_statement_timeout', hint: 'Raise it, or ask for less' }
      : { code: 'cancelled', message: 'the statement was cancelled at the server' };
  }
  if (code !== undefined) {
    const writes = attempt.access === 'write' ? BY_STATE_OF_WRITES : {};
    const known = writes[code] ?? BY_STATE[code] ?? BY_NODE_CODE[code];
    if (known !== undefined) return known;
    if (TLS_CODE.test(code)) {
      return { code: 'unavailable', message: `TLS could not be agreed on (${code})`, hint: TLS_HINT };
    }
    const family = isState(code) ? (writes[code.slice(0, 2)] ?? BY_CLASS[code.slice(0, 2)]) : undefined;
    if (family !== undefined) return family;
    if (isState(code)) return { code: 'sql_error', message: 'the server reports an error' };
  }
  // The driver's own errors have no code: it has none but for lost connections, timeouts and logins without a password.
  if (attempt.phase === 'connect') {
    if (attempt.hasTimedOut === true) {
      return {
        code: 'timeout',
        message: 'the server does not answer within pg_connect_timeout',
        hint: HOST_HINT,
        retryable: true,
      };
    }
    if (attempt.lacksPassword === true) {
      return { code: 'unauthenticated', message: 'the server asks for a password', hint: 'Set pg_pass' };
    }
  }
  return { code: 'io', message: 'the connection was lost', hint: HOST_HINT, retryable: true };
}

function codeOf(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown };
  if (typeof code === 'string') return code;
  return cause === undefined || cause === null ? undefined : codeOf(cause);
}

function isState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code);
}
