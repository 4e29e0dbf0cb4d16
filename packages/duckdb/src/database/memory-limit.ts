import type { MemoryShare, MemoryUse } from '@millrace/core';
import type { DatabaseMemory, DuckDbConnection, DuckDbDatabase } from './duckdb-database.ts';

/** DuckDB's setting; it can be changed while statements run. */
export const MEMORY_SETTING = 'memory_limit';

/**
 * The part of a budget that one instance has. A lower limit moves what exceeds it into the temporary directory; where statements hold on to
 * more than that, DuckDB refuses and the old limit stays.
 */
export class MemoryLimit {
  readonly setting: string;
  readonly #share: MemoryShare;
  readonly #opened: (database: DuckDbDatabase | undefined) => void;

  private constructor(setting: string, share: MemoryShare, opened: (database: DuckDbDatabase | undefined) => void) {
    this.setting = setting;
    this.#share = share;
    this.#opened = opened;
  }

  /** @throws MillraceError `resource_exhausted`, `invalid_config` as the budget does. */
  static async ask(name: string, request: DatabaseMemory): Promise<MemoryLimit> {
    const { budget, component = name, minBytes, maxBytes, setting } = request;
    let opened: (database: DuckDbDatabase | undefined) => void = () => undefined;
    const database = new Promise<DuckDbDatabase | undefined>((resolve) => {
      opened = resolve;
    });
    const share = await budget.share({
      component,
      minBytes,
      ...(maxBytes === undefined ? {} : { maxBytes }),
      ...(setting === undefined ? {} : { setting }),
      apply: async (bytes) => {
        // Until the instance is there its limit is the one that it is made with.
        const target = await database;
        await target?.withConnection((connection) =>
          connection.run(`SET GLOBAL ${MEMORY_SETTING} = '${limitText(bytes)}'`),
        );
      },
      readUse: async () => (await (await database)?.readMemoryUse()) ?? { usedBytes: 0, spilledBytes: 0 },
    });
    return new MemoryLimit(setting ?? 'runtime.memory_limit', share, opened);
  }

  /** The limit as DuckDB reads it. */
  get text(): string {
    return limitText(this.#share.bytes);
  }

  /** The instance to limit. */
  attend(database: DuckDbDatabase): void {
    this.#opened(database);
  }

  /** Gives the memory back, once the instance is closed or could not be opened. Idempotent. */
  async release(): Promise<void> {
    this.#opened(undefined);
    await this.#share.release();
  }
}

/** What an instance holds, all its databases together. */
export async function readMemoryUse(connection: DuckDbConnection): Promise<MemoryUse> {
  const sql = 'SELECT sum(memory_usage_bytes)::DOUBLE, sum(temporary_storage_bytes)::DOUBLE FROM duckdb_memory()';
  const [row] = await connection.rows(sql);
  return { usedBytes: Number(row?.[0] ?? 0), spilledBytes: Number(row?.[1] ?? 0) };
}

function limitText(bytes: number): string {
  return `${bytes}B`;
}
