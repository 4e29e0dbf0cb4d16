import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccelerationInput } from '@millrace/runtime';
import { startPostgres } from '@millrace/services';
import type { BenchContext } from '../benchmark.ts';

/** The engines that keep copies, each where it would keep large ones. */
export const ENGINES = ['arrow', 'duckdb', 'sqlite', 'postgres'] as const;
export type Engine = (typeof ENGINES)[number];

/** Where an engine keeps a copy. */
export interface EnginePlace {
  readonly acceleration: AccelerationInput;
  /** Its server, which shares the machine's cores. */
  readonly serverPid?: number;
  /** Of its server. */
  readonly connectionString?: string;
}

/** Makes a place for the copies of one benchmark; it goes with the benchmark. */
export async function openEnginePlace(engine: Engine, context: BenchContext): Promise<EnginePlace> {
  switch (engine) {
    case 'arrow':
      return { acceleration: { engine } };
    case 'duckdb':
    case 'sqlite': {
      const folder = await mkdtemp(join(context.dataDirectory, `${engine}-`));
      context.own({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
      const params = { [`${engine}_file`]: join(folder, `millrace.${engine}`) };
      return { acceleration: { engine, mode: 'file', params } };
    }
    case 'postgres': {
      const server = context.own(await startPostgres({ settings: { shared_buffers: '1GB', log_statement: 'none' } }));
      const { connectionString } = await server.createDatabase({ name: 'bench' });
      const params = { pg_connection_string: connectionString, pg_sslmode: 'disable' };
      return { acceleration: { engine, params }, serverPid: server.pid, connectionString };
    }
    default:
      return engine satisfies never;
  }
}
