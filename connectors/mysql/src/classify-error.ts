import { type ErrorCode, isMillraceError, MillraceError } from '@millrace/core';

/** What an error is classified for. */
export interface ErrorContext {
  /** For messages: `dataset orders`. */
  readonly component: string;
  /** `host:port`, for messages about the connection. */
  readonly address: string;
}

interface Classified {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly retryable?: boolean;
}

const CHECK_ADDRESS = 'Check mysql_host and mysql_tcp_port, and that the server runs';
const CHECK_LOGIN = 'Check mysql_user and mysql_pass, and from which hosts the account may connect';
const CHECK_TLS = 'Check mysql_sslmode and mysql_sslrootcert';
const RUN_AGAIN = 'Run it again';

/**
 * By error number. Sources: https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html and
 * https://mariadb.com/kb/en/mariadb-error-code-reference/
 */
const BY_NUMBER: Readonly<Record<number, Classified>> = {
  1040: {
    code: 'resource_exhausted',
    message: 'the server has no connection left',
    hint: 'Lower mysql_pool_max, or raise max_connections of the server',
    retryable: true,
  },
  1203: {
    code: 'resource_exhausted',
    message: 'the account has no connection left',
    hint: 'Lower mysql_pool_max, or raise max_user_connections',
    retryable: true,
  },
  1226: {
    code: 'resource_exhausted',
    message: 'the account has used up one of its resources',
    hint: 'Raise the limit of the account at the server',
    retryable: true,
  },
  1045: { code: 'unauthenticated', message: 'the server refused the account or its password', hint: CHECK_LOGIN },
  1698: { code: 'unauthenticated', message: 'the account may not sign in with a password', hint: CHECK_LOGIN },
  1130: { code: 'unauthenticated', message: 'the server does not accept this host', hint: CHECK_LOGIN },
  1129: {
    code: 'unauthenticated',
    message: 'the server has blocked this host after many failed connections',
    hint: 'Run FLUSH HOSTS at the server',
  },
  1251: {
    code: 'unauthenticated',
    message: 'the server asks for a way to sign in that is not known',
    hint: CHECK_LOGIN,
  },
  1820: { code: 'unauthenticated', message: 'the password has expired', hint: 'Set a new password at the server' },
  1862: { code: 'unauthenticated', message: 'the password has expired', hint: 'Set a new password at the server' },
  3118: { code: 'unauthenticated', message: 'the account is locked', hint: 'Unlock it at the server' },
  4151: { code: 'unauthenticated', message: 'the account is locked', hint: 'Unlock it at the server' },
  3159: {
    code: 'unauthenticated',
    message: 'the server asks for an encrypted connection',
    hint: 'Set mysql_sslmode: required',
  },
  1044: {
    code: 'unauthorized',
    message: 'the account may not use the database',
    hint: 'Grant it SELECT on the tables that are read',
  },
  1142: { code: 'unauthorized', message: 'the account may not read the table', hint: 'Grant it SELECT on the table' },
  1143: { code: 'unauthorized', message: 'the account may not read a column', hint: 'Grant it SELECT on the column' },
  1227: { code: 'unauthorized', message: 'the account lacks a privilege', hint: 'Grant the privilege at the server' },
  1370: { code: 'unauthorized', message: 'the account may not run a routine', hint: 'Grant it EXECUTE on the routine' },
  1356: {
    code: 'unauthorized',
    message: 'the view reads something that is not there or may not be read',
    hint: 'Correct the view at the server',
  },
  1049: { code: 'not_found', message: 'there is no such database', hint: 'Check mysql_db' },
  1051: { code: 'not_found', message: 'there is no such table', hint: 'Check the spelling in from' },
  1146: { code: 'not_found', message: 'there is no such table', hint: 'Check the spelling in from' },
  1054: {
    code: 'conflict',
    message: 'a column that the table had is no longer there',
    hint: 'Load the dataset again',
  },
  1412: { code: 'conflict', message: 'the table was changed while it was read', hint: RUN_AGAIN, retryable: true },
  1615: { code: 'conflict', message: 'the table was changed while it was read', hint: RUN_AGAIN, retryable: true },
  1064: {
    code: 'invalid_argument',
    message: 'the server does not understand the statement',
    hint: 'A view may use a word that this version reserves; otherwise report it with the statement that explain shows',
  },
  1059: { code: 'invalid_argument', message: 'a name is longer than 64 characters', hint: 'Shorten it' },
  1153: {
    code: 'resource_exhausted',
    message: 'a statement or value is larger than max_allowed_packet',
    hint: 'Raise max_allowed_packet of the server',
  },
  1038: {
    code: 'resource_exhausted',
    message: 'the server has not enough memory to sort',
    hint: 'Raise sort_buffer_size of the server',
  },
  1021: { code: 'resource_exhausted', message: 'the disk of the server is full', retryable: true },
  1114: { code: 'resource_exhausted', message: 'a temporary table of the server is full', retryable: true },
  1205: { code: 'timeout', message: 'a lock was not granted in time', hint: RUN_AGAIN, retryable: true },
  1213: { code: 'conflict', message: 'the server ended a deadlock', hint: RUN_AGAIN, retryable: true },
  1317: { code: 'cancelled', message: 'the statement was ended at the server' },
  3024: { code: 'timeout', message: 'the statement took too long', hint: 'Raise mysql_statement_timeout' },
  1969: { code: 'timeout', message: 'the statement took too long', hint: 'Raise mysql_statement_timeout' },
  1053: { code: 'unavailable', message: 'the server shuts down', hint: RUN_AGAIN, retryable: true },
  1077: { code: 'unavailable', message: 'the server shuts down', hint: RUN_AGAIN, retryable: true },
  1927: { code: 'io', message: 'the server ended the connection', hint: RUN_AGAIN, retryable: true },
  4031: { code: 'io', message: 'the server ended the idle connection', hint: RUN_AGAIN, retryable: true },
};

const CANNOT_CONNECT: Omit<Classified, 'message'> = { code: 'io', hint: CHECK_ADDRESS, retryable: true };
const LOST: Classified = { code: 'io', message: 'the connection was lost', hint: RUN_AGAIN, retryable: true };

/** By the code that Node.js or mysql2 gives. */
const BY_CODE: Readonly<Record<string, Classified>> = {
  ECONNREFUSED: { ...CANNOT_CONNECT, message: 'nothing listens there' },
  ENOTFOUND: { ...CANNOT_CONNECT, message: 'the host name is not known' },
  EAI_AGAIN: { ...CANNOT_CONNECT, message: 'the host name cannot be looked up now' },
  EHOSTUNREACH: { ...CANNOT_CONNECT, message: 'the host cannot be reached' },
  ENETUNREACH: { ...CANNOT_CONNECT, message: 'the network cannot be reached' },
  ETIMEDOUT: { ...CANNOT_CONNECT, message: 'the server did not answer in time' },
  PROTOCOL_SEQUENCE_TIMEOUT: { ...CANNOT_CONNECT, message: 'the server did not answer in time' },
  ECONNRESET: LOST,
  EPIPE: LOST,
  PROTOCOL_CONNECTION_LOST: LOST,
  HANDSHAKE_NO_SSL_SUPPORT: {
    code: 'io',
    message: 'the server offers no encrypted connection',
    hint: 'Turn TLS on at the server, or set mysql_sslmode: disabled where the network is trusted',
  },
  HANDSHAKE_SSL_ERROR: { code: 'io', message: 'the encrypted connection could not be made', hint: CHECK_TLS },
  AUTH_SWITCH_PLUGIN_ERROR: {
    code: 'unauthenticated',
    message: 'the way to sign in that the server asks for failed',
    hint: CHECK_LOGIN,
  },
};

/**
 * The error that users see, by error number, SQLSTATE, or the code of Node.js: never by the text of a message. Errors of the
 * connector's own pass through.
 */
export function classifyError(error: unknown, context: ErrorContext): MillraceError {
  if (isMillraceError(error)) return error;
  const { errno, code, sqlState, isFatal } = details(error);
  const found: Classified =
    BY_NUMBER[errno] ??
    BY_CODE[code] ??
    BY_STATE[(sqlState ?? '').slice(0, 2)] ??
    (isFatal ? LOST : { code: 'internal', message: 'the server or its client failed' });
  const isConnection = BY_CODE[code] !== undefined || found.code === 'unauthenticated';
  return new MillraceError({
    ...found,
    component: context.component,
    connector: 'mysql',
    message: `${isConnection ? `${context.address}: ` : ''}${found.message}${errno > 0 && errno < 100_000 ? ` (error ${errno})` : ''}`,
    cause: error,
  });
}

/** By the class of the SQLSTATE, where neither number nor code is known. */
const BY_STATE: Readonly<Record<string, Classified>> = {
  '08': LOST,
  '22': {
    code: 'invalid_data',
    message: 'the server could not compute a value',
    hint: 'A view or generated column computes it; correct it at the server',
  },
  '28': { code: 'unauthenticated', message: 'the server refused the account', hint: CHECK_LOGIN },
  '40': { code: 'conflict', message: 'the transaction was rolled back', hint: RUN_AGAIN, retryable: true },
  '42': { code: 'invalid_argument', message: 'the server refuses the statement' },
  '70': { code: 'cancelled', message: 'the statement was ended at the server' },
};

interface VendorDetails {
  readonly errno: number;
  readonly code: string;
  readonly sqlState: string | undefined;
  /** mysql2's word for an error after which the connection is gone. */
  readonly isFatal: boolean;
}

function details(error: unknown): VendorDetails {
  if (typeof error !== 'object' || error === null) return { errno: 0, code: '', sqlState: undefined, isFatal: false };
  const { errno, code, sqlState, fatal } = error as Record<string, unknown>;
  return {
    errno: typeof errno === 'number' ? errno : 0,
    code: typeof code === 'string' ? code : '',
    sqlState: typeof sqlState === 'string' ? sqlState.replace('#', '') : undefined,
    isFatal: fatal === true,
  };
}
