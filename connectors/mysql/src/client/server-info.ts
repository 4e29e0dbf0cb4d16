import type { Connection } from 'mysql2';
import { runQuery } from './run-query.ts';

/** What is to be known of a server beyond its address. */
export interface ServerInfo {
  readonly product: 'mysql' | 'mariadb';
  /** Major, minor and patch. */
  readonly version: readonly [number, number, number];
  /** `0` compares names as written, `1` and `2` without regard to case. */
  readonly lowerCaseTableNames: number;
  readonly maxPacketBytes: number;
  /** The account as the server knows it. */
  readonly account: string;
}

/** Asks the server who it is. */
export async function readServerInfo(connection: Connection, timeoutMs: number): Promise<ServerInfo> {
  const [row] = await runQuery(
    connection,
    'SELECT VERSION(), @@lower_case_table_names, @@max_allowed_packet, CURRENT_USER()',
    [],
    timeoutMs,
  );
  const [version, lowerCase, packet, account] = row ?? [];
  const text = String(version);
  const [major = 0, minor = 0, patch = 0] = /\d+\.\d+\.\d+/.exec(text)?.[0].split('.').map(Number) ?? [];
  return {
    product: /mariadb/i.test(text) ? 'mariadb' : 'mysql',
    version: [major, minor, patch],
    lowerCaseTableNames: Number(lowerCase ?? 0),
    maxPacketBytes: Number(packet ?? 1 << 20),
    account: String(account),
  };
}

/** True when the server is at least of the version given. */
export function isAtLeast({ version }: ServerInfo, wanted: readonly [number, number, number]): boolean {
  for (const [index, part] of wanted.entries()) if (version[index] !== part) return version[index]! > part;
  return true;
}

/** A collation of utf8mb4 that compares by bytes and pads nothing, or undefined where the server has none. */
export function bytewiseCollation(server: ServerInfo): string | undefined {
  if (server.product === 'mariadb') return isAtLeast(server, [10, 2, 0]) ? 'utf8mb4_nopad_bin' : undefined;
  return isAtLeast(server, [8, 0, 17]) ? 'utf8mb4_0900_bin' : undefined;
}
