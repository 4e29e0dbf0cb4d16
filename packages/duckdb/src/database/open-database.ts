import { availableParallelism } from 'node:os';
import { DuckDBInstance } from '@duckdb/node-api';
import { dataTypes, MillraceError } from '@millrace/core';
import { registerBatchFunction } from '../loading/batch-function.ts';
import { quoteIdentifier, toSqlLiteral } from '../statement/index.ts';
import { classifyDuckDbError } from './classify-error.ts';
import { Database } from './database.ts';
import type { DuckDbDatabase, OpenDatabaseOptions } from './duckdb-database.ts';
import { JoinFilterSwitch } from './join-filter-switch.ts';
import { MemoryLimit } from './memory-limit.ts';
import { claimFile } from './owner-registry.ts';

const IN_MEMORY = ':memory:';

/** Extensions are a matter of what is installed, not of what a statement names: no statement fetches code from the network. */
const DEFAULT_SETTINGS: Readonly<Record<string, string>> = {
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
};

/** The log of a file that is attached is written into it by whoever attached it (`CHECKPOINT`), and when it is let go, but not by any commit that makes it long. */
const ATTACHED_FILES: Readonly<Record<string, string>> = { checkpoint_threshold: '1TB' };

/** Beyond one thread for each core: while rows come from Node's thread, one waits for them. */
const THREADS_THAT_WAIT = 1;

/**
 * Opens a DuckDB instance, the only one in this process for its file.
 *
 * @throws MillraceError `conflict` when this process or another one has the file open, `io` when it cannot be opened,
 * `invalid_argument` for an unknown setting.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<DuckDbDatabase> {
  const component = options.component ?? 'duckdb';
  const claim = options.path === IN_MEMORY ? undefined : claimFile(options.path, component);
  let memory: MemoryLimit | undefined;
  let instance: DuckDBInstance | undefined;
  try {
    memory = options.memory && (await MemoryLimit.ask(component, options.memory));
    const memoryLimit = memory?.text ?? options.memoryLimit;
    instance = await DuckDBInstance.create(options.path, instanceSettings({ ...options, memoryLimit }));
    await prepareInstance(instance, options.settings ?? {});
    const joinFilters =
      options.joinFilters === 'by_statement' ? new JoinFilterSwitch(await instance.connect()) : undefined;
    const database = new Database({ path: options.path, instance, component, claim, joinFilters, memory });
    memory?.attend(database);
    return database;
  } catch (error) {
    // Until it is closed it holds the file, which could be claimed again.
    instance?.closeSync();
    claim?.release();
    await memory?.release();
    throw openError(error, component);
  }
}

/**
 * Registers what the instance's SQL can call beyond DuckDB's own, and sets what was asked for. Settings of an extension
 * (`TimeZone`) are known only once the instance runs, so none is given at its creation.
 */
async function prepareInstance(instance: DuckDBInstance, settings: Readonly<Record<string, string>>): Promise<void> {
  const connection = await instance.connect();
  try {
    registerBatchFunction(connection);
    await connection.run(`SET GLOBAL ${JoinFilterSwitch.setting} = '${JoinFilterSwitch.off}'`);
    for (const [name, value] of Object.entries(settings)) {
      await connection.run(`SET GLOBAL ${quoteIdentifier(name)} = ${toSqlLiteral(value, dataTypes.utf8())}`);
    }
  } finally {
    connection.closeSync();
  }
}

function instanceSettings(options: OpenDatabaseOptions): Record<string, string> {
  const { path, threads, memoryLimit, tempDirectory } = options;
  return {
    ...DEFAULT_SETTINGS,
    ...(path === IN_MEMORY ? ATTACHED_FILES : {}),
    threads: String(threads ?? availableParallelism() + THREADS_THAT_WAIT),
    ...(memoryLimit === undefined ? {} : { memory_limit: memoryLimit }),
    ...(tempDirectory === undefined ? {} : { temp_directory: tempDirectory }),
  };
}

function openError(error: unknown, component: string): MillraceError {
  const found = classifyDuckDbError(error, component);
  // A failure without an exception type is one of the bindings' own: a setting that DuckDB does not know.
  return found.code === 'sql_error'
    ? new MillraceError({ code: 'invalid_argument', component, message: found.reason, cause: error })
    : found;
}
