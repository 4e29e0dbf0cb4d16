import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccelerationInput } from '@millrace/runtime';
import type { BenchContext } from '../benchmark.ts';

/** The engines that keep copies, each where it would keep large ones. */
export const ENGINES = ['arrow', 'duckdb', 'sqlite'] as const;
export type Engine = (typeof ENGINES)[number];

/** Where an engine keeps a copy. */
export interface EnginePlace {
  readonly acceleration: AccelerationInput;
  /** Its server, which shares the machine's cores. */
  readonly serverPid?: number;
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
    default:
      return engine satisfies never;
  }
}
