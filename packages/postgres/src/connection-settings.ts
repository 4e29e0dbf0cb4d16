import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import { MillraceError, nearestName, type Parameters } from '@millrace/core';

/** libpq's modes: whether TLS is used, and what of the server's certificate is checked. */
export type SslMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

const SSL_MODES: readonly SslMode[] = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** Where the server is, who asks, and how. Holds a secret: never shown. */
export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly sslMode: SslMode;
  /** Path of the certificates to trust, absolute; undefined trusts what Node.js trusts. */
  readonly sslRootCertificate: string | undefined;
  readonly applicationName: string;
  readonly poolSize: number;
  readonly poolMinIdle: number;
  readonly poolTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** 0 = none. */
  readonly statementTimeoutMs: number;
}

const STRING_PARAMETERS = ['host', 'port', 'db', 'user'] as const;

/**
 * Reads the parameters of a connection.
 *
 * @throws MillraceError `missing_parameter` or `invalid_parameter`, naming the parameter as users write it, never a value of a secret.
 */
export function readConnectionSettings(parameters: Parameters, baseDirectory: string): ConnectionSettings {
  const text = parameters.string('connection_string');
  const given = text === undefined ? undefined : parseConnectionString(text);
  if (given !== undefined) {
    const twice = STRING_PARAMETERS.find((name) => parameters.has(name));
    if (twice !== undefined) throw invalid(`pg_${twice} is given beside pg_connection_string`, 'Use one of them');
  }
  const database = given?.database ?? parameters.string('db');
  const user = given?.user ?? parameters.string('user');
  if (database === undefined || database === '') throw missing('pg_db');
  if (user === undefined || user === '') throw missing('pg_user');
  const sslMode = parameters.has('sslmode')
    ? parameters.string('sslmode')
    : (given?.sslMode ?? parameters.string('sslmode'));
  const rootCertificate = parameters.string('sslrootcert') ?? given?.sslRootCertificate;
  return {
    host: given?.host ?? parameters.string('host') ?? 'localhost',
    port: portNumber(given?.port ?? parameters.number('port') ?? 5432),
    database,
    user,
    password: parameters.string('pass') ?? given?.password,
    sslMode: (sslMode ?? 'verify-full') as SslMode,
    sslRootCertificate:
      rootCertificate === undefined || rootCertificate === 'system'
        ? undefined
        : path.resolve(baseDirectory, rootCertificate),
    applicationName: given?.applicationName ?? parameters.string('application_name') ?? 'millrace',
    poolSize: atLeast(1, 'connection_pool_size', parameters.number('connection_pool_size') ?? 5),
    poolMinIdle: atLeast(0, 'pg_connection_pool_min_idle', parameters.number('connection_pool_min_idle') ?? 1),
    poolTimeoutMs: atLeast(1, 'connection_pool_timeout', parameters.number('connection_pool_timeout') ?? 60_000),
    idleTimeoutMs: atLeast(
      1,
      'connection_pool_idle_timeout',
      parameters.number('connection_pool_idle_timeout') ?? 60_000,
    ),
    connectTimeoutMs: atLeast(1, 'pg_connect_timeout', parameters.number('connect_timeout') ?? 10_000),
    statementTimeoutMs: atLeast(0, 'pg_statement_timeout', parameters.number('statement_timeout') ?? 0),
  };
}

/**
 * TLS options for the driver; undefined for a connection without TLS. `prefer` has been decided by then.
 *
 * @throws MillraceError `invalid_parameter` when the certificates cannot be read.
 */
export function tlsOptions(settings: ConnectionSettings): ConnectionOptions | undefined {
  const { sslMode, host, sslRootCertificate } = settings;
  if (sslMode === 'disable') return undefined;
  const ca = sslRootCertificate === undefined ? {} : { ca: readCertificates(sslRootCertificate) };
  const servername = isIP(host) === 0 ? { servername: host } : {};
  switch (sslMode) {
    case 'prefer':
      return { ...servername, rejectUnauthorized: false };
    case 'require':
      // As libpq does it: `require` with certificates to trust checks them.
      return sslRootCertificate === undefined
        ? { ...servername, rejectUnauthorized: false }
        : { ...servername, ...ca, checkServerIdentity: () => undefined };
    case 'verify-ca':
      return { ...servername, ...ca, checkServerIdentity: () => undefined };
    case 'verify-full':
      return { ...servername, ...ca, checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate) };
    default:
      return sslMode satisfies never;
  }
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new MillraceError({
      code: 'invalid_parameter',
      component: 'postgres connection',
      connector: 'postgres',
      message: `the certificates of pg_sslrootcert, ${file}, cannot be read`,
      hint: 'Give the path of a PEM file',
      cause,
    });
  }
}

interface ParsedConnectionString {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly sslMode?: string;
  readonly sslRootCertificate?: string;
  readonly applicationName?: string;
}

const URL_PARAMETERS = ['sslmode', 'sslrootcert', 'application_name'] as const;

function parseConnectionString(text: string): ParsedConnectionString {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw invalid(
      'pg_connection_string is no URL of PostgreSQL',
      'Write postgresql://user:password@host:5432/database, with special characters percent-encoded',
    );
  }
  for (const name of url.searchParams.keys()) {
    if ((URL_PARAMETERS as readonly string[]).includes(name)) continue;
    const near = nearestName(name, URL_PARAMETERS);
    throw invalid(
      `pg_connection_string has the option ${name}, which is not known`,
      near === undefined ? `Known are ${URL_PARAMETERS.join(', ')}` : `Did you mean ${near}?`,
    );
  }
  const sslMode = url.searchParams.get('sslmode') ?? undefined;
  if (sslMode !== undefined && !(SSL_MODES as readonly string[]).includes(sslMode)) {
    throw invalid('the sslmode in pg_connection_string is not known', `Known are ${SSL_MODES.join(', ')}`);
  }
  const database = decode(url.pathname.slice(1));
  return withoutUndefined({
    host: url.hostname === '' ? undefined : decode(url.hostname).replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? undefined : Number(url.port),
    database: database === '' ? undefined : database,
    user: url.username === '' ? undefined : decode(url.username),
    password: url.password === '' ? undefined : decode(url.password),
    sslMode,
    sslRootCertificate: url.searchParams.get('sslrootcert') ?? undefined,
    applicationName: url.searchParams.get('application_name') ?? undefined,
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('pg_connection_string has a percent sign that encodes nothing', 'Write a percent sign as %25');
  }
}

type Defined<T> = { readonly [Key in keyof T]?: Exclude<T[Key], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}

function portNumber(value: number): number {
  if (value >= 1 && value <= 65_535) return value;
  throw invalid(`pg_port is ${value}`, 'A port is a number from 1 to 65535');
}

function atLeast(least: number, name: string, value: number): number {
  if (value >= least) return value;
  throw invalid(`${name} is ${value}`, `It must be at least ${least}`);
}

function invalid(message: string, hint: string): MillraceError {
  return new MillraceError({
    code: 'invalid_parameter',
    component: 'postgres connection',
    connector: 'postgres',
    message,
    hint,
  });
}

function missing(name: string): MillraceError {
  return new MillraceError({
    code: 'missing_parameter',
    component: 'postgres connection',
    connector: 'postgres',
    message: `the parameter ${name} is missing`,
    hint: `Set ${name}, or name it in pg_connection_string`,
  });
}
