import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { freePort } from '../free-port.ts';
import { privateDirectory } from '../private-directory.ts';
import { runCommand } from '../run-command.ts';
import { serviceUser } from '../service-user.ts';
import { startProcess } from '../start-process.ts';
import { isRunning, stopProcess } from '../stop-process.ts';
import { connectPostgres, type PostgresAddress } from './connect-postgres.ts';
import { type PostgresVersion, postgresBinaries } from './postgres-binaries.ts';
import type { PostgresServer } from './postgres-server.ts';

/** How a server of one's own is started. */
export interface StartPostgresOptions {
  /** Default 18. */
  readonly version?: PostgresVersion;
  /** Further settings of postgresql.conf, for example `{ max_connections: '5' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Certificate and key as PEM; the server then also accepts TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A server that its starter stops, and may kill. */
export interface OwnPostgresServer extends PostgresServer, AsyncDisposable {
  readonly pid: number;
  /** Ends the server at once, as a crash would (SIGKILL to the postmaster and its processes go with it). */
  kill(): Promise<void>;
  /** Stops the server and removes its files. Idempotent. */
  stop(): Promise<void>;
}

/** Starts a private server on a free loopback port, with logical replication on and every statement logged. */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<OwnPostgresServer> {
  const directory = mkdtempSync(path.join(tmpdir(), 'millrace-postgres-'));
  chmodSync(directory, 0o755);
  const started = await launchPostgres({ ...options, directory, ownerPid: process.pid });
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await stopProcess(started.pid, { signal: 'SIGINT', graceMs: 10_000 });
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  return {
    ...connectPostgres(started),
    pid: started.pid,
    kill: () => killPostgres(started.pid),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** SIGQUIT is PostgreSQL's immediate shutdown: every backend aborts without a word to its client's statement, as after a crash. */
async function killPostgres(pid: number): Promise<void> {
  if (isRunning(pid)) await stopProcess(pid, { signal: 'SIGQUIT', graceMs: 10_000 });
}

/** A server's address with the process that runs it. */
export interface LaunchedPostgres extends PostgresAddress {
  readonly pid: number;
  readonly stopSignal: NodeJS.Signals;
}

/** Where and for whom a server is started. */
export interface LaunchRequest extends StartPostgresOptions {
  /** World-traversable; the server's data, socket and log go below it. */
  readonly directory: string;
  readonly ownerPid: number;
}

/** Runs initdb and the server; ready when it answers a query. */
export async function launchPostgres(request: LaunchRequest): Promise<LaunchedPostgres> {
  const binaries = postgresBinaries(request.version ?? 18);
  mkdirSync(request.directory, { recursive: true });
  const home = privateDirectory(path.join(request.directory, 'private'));
  const data = path.join(home, 'data');
  const password = randomUUID();
  const environment = { TMPDIR: home, TZ: 'UTC', LC_ALL: 'C.UTF-8' };
  const passwordFile = ownFile(path.join(home, 'password'), password);
  await runCommand({
    command: path.join(binaries, 'initdb'),
    args: [
      '-D',
      data,
      '-U',
      'millrace',
      '-A',
      'scram-sha-256',
      '--pwfile',
      passwordFile,
      '--no-sync',
      '--locale=C.UTF-8',
      '-E',
      'UTF8',
    ],
    environment,
    workingDirectory: home,
  });
  const port = await freePort();
  const address = {
    host: '127.0.0.1',
    port,
    user: 'millrace',
    password,
    database: 'postgres',
    logFile: path.join(home, 'log', 'server.json'),
  };
  const pid = await startProcess({
    command: path.join(binaries, 'postgres'),
    args: [
      '-D',
      data,
      ...settingArguments({ ...settings(home, port), ...tlsSettings(home, request), ...request.settings }),
    ],
    environment,
    workingDirectory: home,
    logFile: path.join(request.directory, 'output.log'),
    ownerPid: request.ownerPid,
    stopSignal: 'SIGINT',
    probe: () => probe(address),
    timeoutMs: 120_000,
  });
  return { ...address, pid, stopSignal: 'SIGINT' };
}

function settings(home: string, port: number): Record<string, string> {
  return {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: home,
    wal_level: 'logical',
    fsync: 'off',
    synchronous_commit: 'off',
    max_connections: '200',
    logging_collector: 'on',
    log_destination: 'jsonlog',
    log_directory: path.join(home, 'log'),
    log_filename: 'server',
    log_rotation_age: '0',
    log_rotation_size: '0',
    log_statement: 'all',
    timezone: 'UTC',
  };
}

function tlsSettings(home: string, { tls }: StartPostgresOptions): Record<string, string> {
  if (tls === undefined) return {};
  return {
    ssl: 'on',
    ssl_cert_file: ownFile(path.join(home, 'server.crt'), tls.certificate),
    ssl_key_file: ownFile(path.join(home, 'server.key'), tls.key),
  };
}

function settingArguments(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function ownFile(file: string, content: string): string {
  writeFileSync(file, content, { mode: 0o600 });
  const { uid, gid } = serviceUser();
  if (uid !== undefined && gid !== undefined) chownSync(file, uid, gid);
  return file;
}

async function probe({ host, port, user, password, database }: PostgresAddress): Promise<void> {
  const client = new pg.Client({ host, port, user, password, database });
  client.on('error', () => undefined);
  await client.connect();
  await client.end();
}
