import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mysql from 'mysql2/promise';
import { freePort } from '../free-port.ts';
import { privateDirectory } from '../private-directory.ts';
import { runCommand } from '../run-command.ts';
import { serviceUser } from '../service-user.ts';
import { startProcess } from '../start-process.ts';
import { stopProcess } from '../stop-process.ts';
import { connectMariaDb, type MariaDbAddress } from './connect-mariadb.ts';
import { mariaDbBinaries } from './mariadb-binaries.ts';
import type { MariaDbServer } from './mariadb-server.ts';

/** How a server of one's own is started. */
export interface StartMariaDbOptions {
  /** Further options of mariadbd without their dashes, for example `{ max_connections: '5' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Certificate and key as PEM; the server then also accepts TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A server that its starter stops, and may kill. */
export interface OwnMariaDbServer extends MariaDbServer, AsyncDisposable {
  readonly pid: number;
  /** Ends the server at once, as a crash would. */
  kill(): Promise<void>;
  /** Stops the server and removes its files. Idempotent. */
  stop(): Promise<void>;
}

/** Starts a private server on a free loopback port, with a row binlog and every statement logged. */
export async function startMariaDb(options: StartMariaDbOptions = {}): Promise<OwnMariaDbServer> {
  const directory = mkdtempSync(path.join(tmpdir(), 'millrace-mariadb-'));
  chmodSync(directory, 0o755);
  const started = await launchMariaDb({ ...options, directory, ownerPid: process.pid });
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await stopProcess(started.pid, { signal: 'SIGTERM', graceMs: 10_000 });
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  return {
    ...connectMariaDb(started),
    pid: started.pid,
    kill: () => stopProcess(started.pid, { signal: 'SIGKILL', graceMs: 10_000 }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A server's address with the process that runs it. */
export interface LaunchedMariaDb extends MariaDbAddress {
  readonly pid: number;
  readonly stopSignal: NodeJS.Signals;
}

/** Where and for whom a server is started. */
export interface LaunchRequest extends StartMariaDbOptions {
  /** World-traversable; the server's data, socket and log go below it. */
  readonly directory: string;
  readonly ownerPid: number;
}

/** Makes a data directory and runs the server; ready when it answers its administrator. */
export async function launchMariaDb(request: LaunchRequest): Promise<LaunchedMariaDb> {
  const binaries = mariaDbBinaries();
  mkdirSync(request.directory, { recursive: true });
  const home = privateDirectory(path.join(request.directory, 'private'));
  const temporary = privateDirectory(path.join(home, 'tmp'));
  const data = path.join(home, 'data');
  // Both servers' sockets and temporary files would otherwise go where the service user may not write.
  const environment = { TMPDIR: temporary, HOME: home, TZ: 'UTC', LC_ALL: 'C.UTF-8' };
  await runCommand({
    command: binaries.install,
    args: [
      '--no-defaults',
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
      `--tmpdir=${temporary}`,
    ],
    environment,
    workingDirectory: home,
  });
  const address = {
    host: '127.0.0.1',
    port: await freePort(),
    user: 'millrace',
    password: randomUUID(),
    database: 'mysql',
    logFile: path.join(home, 'general.log'),
  };
  const pid = await startProcess({
    command: binaries.server,
    args: [
      '--no-defaults',
      ...toArguments({
        ...settings(home, address, data),
        tmpdir: temporary,
        init_file: ownFile(path.join(home, 'init.sql'), createAdministrator(address)),
        ...tlsSettings(home, request),
        ...request.settings,
      }),
    ],
    environment,
    workingDirectory: home,
    logFile: path.join(request.directory, 'output.log'),
    ownerPid: request.ownerPid,
    stopSignal: 'SIGTERM',
    probe: () => probe(address),
    timeoutMs: 120_000,
  });
  return { ...address, pid, stopSignal: 'SIGTERM' };
}

function createAdministrator({ user, password }: MariaDbAddress): string {
  return `CREATE USER '${user}'@'%' IDENTIFIED BY '${password}';\nGRANT ALL ON *.* TO '${user}'@'%' WITH GRANT OPTION;\n`;
}

function settings(home: string, { port, logFile }: MariaDbAddress, data: string): Record<string, string> {
  return {
    datadir: data,
    port: String(port),
    bind_address: '127.0.0.1',
    socket: path.join(home, 'mariadb.sock'),
    pid_file: path.join(home, 'mariadb.pid'),
    skip_name_resolve: 'ON',
    max_connections: '200',
    max_allowed_packet: '64M',
    character_set_server: 'utf8mb4',
    collation_server: 'utf8mb4_general_ci',
    default_time_zone: '+00:00',
    server_id: '1',
    log_bin: path.join(home, 'binlog'),
    binlog_format: 'ROW',
    binlog_row_image: 'FULL',
    sync_binlog: '0',
    general_log: 'ON',
    ...(logFile === undefined ? {} : { general_log_file: logFile }),
    innodb_flush_log_at_trx_commit: '0',
    innodb_doublewrite: '0',
    innodb_buffer_pool_size: '256M',
    local_infile: 'ON',
  };
}

function tlsSettings(home: string, { tls }: StartMariaDbOptions): Record<string, string> {
  if (tls === undefined) return {};
  return {
    ssl_cert: ownFile(path.join(home, 'server.crt'), tls.certificate),
    ssl_key: ownFile(path.join(home, 'server.key'), tls.key),
  };
}

function toArguments(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(([name, value]) => `--${name.replaceAll('_', '-')}=${value}`);
}

function ownFile(file: string, content: string): string {
  writeFileSync(file, content, { mode: 0o600 });
  const { uid, gid } = serviceUser();
  if (uid !== undefined && gid !== undefined) chownSync(file, uid, gid);
  return file;
}

async function probe({ host, port, user, password, database }: MariaDbAddress): Promise<void> {
  const client = await mysql.createConnection({ host, port, user, password, database, connectTimeout: 1_000 });
  await client.end();
}
