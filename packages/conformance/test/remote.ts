import type { MemoryTable } from '@millrace/connector-memory';

/** A table of the simulated server. */
export interface StoredTable {
  readonly whole: MemoryTable;
  /** Without the columns of unsupported types; absent where there are none such, undefined where nothing is left. */
  readonly readable?: MemoryTable | undefined;
  readonly unsupported?: readonly string[];
  readonly kind: 'base' | 'view';
  /** Grows with each change of the columns. */
  readonly version: number;
  readonly isForbidden?: boolean;
  readonly isDamaged?: boolean;
  readonly failsAfter?: number;
  readonly delayMs?: number;
}

/** One connection of a session. */
export interface Connection {
  readonly isBroken: boolean;
  release(): void;
}

/** What a connector holds at the server. */
export interface Session {
  readonly isClosed: boolean;
  /** Waits for one of a few connections. */
  connect(signal: AbortSignal): Promise<Connection>;
  close(): void;
}

/** A simulated server: tables, a log of statements, and sessions with a pool of connections each. */
export interface Remote {
  readonly password: string;
  readonly log: string[];
  /** Statements that run. */
  active: number;
  readonly connections: Set<{ isBroken: boolean }>;
  table(name: string): StoredTable | undefined;
  put(name: string, table: StoredTable): void;
  names(): readonly string[];
  openSession(): Session;
  breakConnections(): void;
}

/** Connections of one session. */
export const POOL_SIZE = 3;

export function createRemote(): Remote {
  const tables = new Map<string, StoredTable>();
  const connections: Remote['connections'] = new Set();
  const openSession = (): Session => {
    let isClosed = false;
    let inUse = 0;
    const waiting: (() => void)[] = [];
    return {
      get isClosed() {
        return isClosed;
      },
      async connect() {
        while (inUse >= POOL_SIZE) await new Promise<void>((resolve) => void waiting.push(resolve));
        inUse += 1;
        const connection = { isBroken: false };
        connections.add(connection);
        return {
          get isBroken() {
            return connection.isBroken;
          },
          release() {
            connections.delete(connection);
            inUse -= 1;
            waiting.shift()?.();
          },
        };
      },
      close() {
        isClosed = true;
      },
    };
  };
  return {
    password: 'canary-password',
    log: [],
    active: 0,
    connections,
    table: (name) => tables.get(name),
    put: (name, table) => void tables.set(name, table),
    names: () => [...tables.keys()].sort(),
    openSession,
    breakConnections() {
      for (const connection of connections) connection.isBroken = true;
    },
  };
}
