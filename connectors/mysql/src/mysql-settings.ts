import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import { MillraceError, type Parameters, parameterKey } from '@millrace/core';
import { mysqlParameters, SSL_MODES, type SslMode } from './parameters.ts';

/** Everything that is known of a source before it is asked. */
export interface MysqlSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly sslMode: SslMode;
  /** PEM. */
  readonly sslRootCertificate: string | undefined;
  /** `±HH:MM`. */
  readonly timeZone: string;
  readonly offsetSeconds: number;
  readonly poolMin: number;
  readonly poolMax: number;
  readonly idleTimeoutMs: number;
  readonly acquireTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** 0 means none. */
  readonly statementTimeoutMs: number;
}

/** What may differ from dataset to dataset of one source. */
export interface TableSettings {
  readonly zeroDates: 'null' | 'error';
  readonly scanPartitions: number;
}

/**
 * Reads the parameters, and the connection string where there is one.
 *
 * @throws MillraceError `invalid_parameter` naming the parameter as users write it.
 */
export function readSettings(parameters: Parameters, baseDirectory: string): MysqlSettings {
  const given = parseConnectionString(parameters.string('connection_string'));
  const text = (name: string, fromUrl: string | undefined): string | undefined =>
    parameters.has(name) || fromUrl === undefined ? parameters.string(name) : fromUrl;
  const sslMode = text('sslmode', given.sslMode);
  const port = parameters.has('tcp_port') || given.port === undefined ? parameters.number('tcp_port') : given.port;
  const host = text('host', given.host) ?? 'localhost';
  // The client would check an address as if it were the name localhost.
  if (sslMode === 'verify_identity' && isIP(host) !== 0)
    throw invalid('sslmode', 'is verify_identity, which needs the name of the host', 'Set mysql_host to a name');
  const timeZone = parameters.string('time_zone') ?? '+00:00';
  const poolMax = atLeast(parameters, 'pool_max', 1);
  const poolMin = atLeast(parameters, 'pool_min', 0);
  if (poolMin > poolMax) throw invalid('pool_min', 'is larger than mysql_pool_max', 'Make it smaller');
  return {
    host,
    port: checkPort(port ?? 3306),
    database: text('db', given.database),
    user: text('user', given.user),
    password: text('pass', given.password),
    sslMode: (sslMode ?? 'required') as SslMode,
    sslRootCertificate: readCertificate(parameters.string('sslrootcert'), baseDirectory),
    timeZone,
    offsetSeconds: readOffset(timeZone),
    poolMin,
    poolMax,
    idleTimeoutMs: parameters.number('pool_idle_timeout') ?? 60_000,
    acquireTimeoutMs: parameters.number('acquire_timeout') ?? 30_000,
    connectTimeoutMs: parameters.number('connect_timeout') ?? 10_000,
    statementTimeoutMs: parameters.number('statement_timeout') ?? 0,
  };
}

/** @throws MillraceError `invalid_parameter`. */
export function readTableSettings(parameters: Parameters): TableSettings {
  return {
    zeroDates: parameters.string('zero_date_behavior') === 'error' ? 'error' : 'null',
    scanPartitions: atLeast(parameters, 'scan_partitions', 1),
  };
}

interface ConnectionParts {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly sslMode?: string;
}

const OPTIONS: ReadonlySet<string> = new Set(['ssl-mode', 'sslmode', 'ssl_mode']);

function parseConnectionString(text: string | undefined): ConnectionParts {
  if (text === undefined) return {};
  if (!URL.canParse(text) || !/^(mysql|mariadb):\/\//i.test(text))
    throw invalid('connection_string', 'is no URL of the form mysql://user:password@host:port/database', 'Correct it');
  const url = new URL(text);
  const unknown = [...url.searchParams.keys()].find((name) => !OPTIONS.has(name.toLowerCase()));
  if (unknown !== undefined)
    throw invalid('connection_string', `has the unknown option ${unknown}`, 'Only ssl-mode is known');
  const sslMode = [...url.searchParams.values()].at(-1)?.toLowerCase().replaceAll('-', '_');
  if (sslMode !== undefined && !(SSL_MODES as readonly string[]).includes(sslMode))
    throw invalid('connection_string', 'has an unknown ssl-mode', `Write one of ${SSL_MODES.join(', ')}`);
  const part = (value: string): string | undefined => (value === '' ? undefined : decode(value));
  const parts = {
    host: part(url.hostname.replace(/^\[(.*)\]$/, '$1')),
    port: url.port === '' ? undefined : Number(url.port),
    database: part(url.pathname.slice(1)),
    user: part(url.username),
    password: part(url.password),
    sslMode,
  };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('connection_string', 'has a percent sign that starts no escape', 'Write %25 for a percent sign');
  }
}

function readCertificate(text: string | undefined, baseDirectory: string): string | undefined {
  if (text === undefined || text.includes('-----BEGIN')) return text;
  try {
    return readFileSync(path.resolve(baseDirectory, text), 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw invalid('sslrootcert', `names a file that cannot be read (${code})`, 'Correct the path');
  }
}

/** Named zones have hours that occur twice, in which an instant could not be told. */
function readOffset(text: string): number {
  const match = /^([+-])(\d{1,2}):(\d\d)$/.exec(text);
  const minutes = match === null ? Number.NaN : Number(match[2]) * 60 + Number(match[3]);
  const signed = match?.[1] === '-' ? -minutes : minutes;
  if (Number(match?.[3]) < 60 && signed >= -839 && signed <= 840) return signed * 60;
  throw invalid('time_zone', 'is no offset from -13:59 to +14:00', "Write an offset such as '+02:00'");
}

function checkPort(port: number): number {
  if (port >= 1 && port <= 65_535) return port;
  throw invalid('tcp_port', 'is no port from 1 to 65535', 'Correct it');
}

function atLeast(parameters: Parameters, name: string, minimum: number): number {
  const value = parameters.number(name) ?? minimum;
  if (value >= minimum) return value;
  throw invalid(name, `is less than ${minimum}`, 'Make it larger');
}

function invalid(name: string, problem: string, hint: string): MillraceError {
  const spec = mysqlParameters.find((candidate) => candidate.name === name);
  const key = spec === undefined ? name : parameterKey(spec, 'mysql');
  return new MillraceError({
    code: 'invalid_parameter',
    component: 'mysql connector',
    connector: 'mysql',
    message: `${key} ${problem}`,
    hint,
  });
}
