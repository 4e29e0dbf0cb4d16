import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AccelerationInput } from '@millrace/runtime';
import type { Sample } from '../benchmark.ts';
import { lowerPriority } from './lower-priority.ts';

const CHILD = fileURLToPath(new URL('../processes/delays.ts', import.meta.url));

/** What a process of its own does, over and over. */
export type DelayWork = SourceWork | AccelerationWork;

/** How a copy is refreshed. */
export type RefreshMode = 'full' | 'append';

/** Reads a table of a source. */
export interface SourceWork {
  /** `scan` into Arrow, or `refresh` of a copy in DuckDB's memory. */
  readonly work: 'scan' | 'refresh';
  /** Id of the connector. */
  readonly connector: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Table at the source. */
  readonly path: string;
  readonly rowCount: number;
}

/** Refreshes a copy of lines that are in the process's memory. */
export interface AccelerationWork {
  /** In full, or by append where a sample asks for it. */
  readonly work: 'accelerate';
  /** The lines as Parquet. */
  readonly file: string;
  /** Engine and place of the copy. */
  readonly acceleration: AccelerationInput;
  readonly rowCount: number;
}

/**
 * Measures event-loop delays in a process that does nothing else, started with the first sample: in the benchmark's own one the garbage
 * of the peers would be collected meanwhile. A server that shares the machine's cores runs at a lower priority from then on: the delays
 * asked about are the process's own, not those of waiting for a core that the server has.
 */
export class DelayProcess implements AsyncDisposable {
  readonly #work: DelayWork;
  readonly #serverPid: number | undefined;
  #child: Promise<ChildProcess> | undefined;

  constructor(work: DelayWork, serverPid?: number) {
    this.#work = work;
    this.#serverPid = serverPid;
  }

  /** 99th percentile and maximum of the delay during one piece of work, in milliseconds. */
  async sample(mode: RefreshMode = 'full'): Promise<Sample> {
    this.#child ??= this.#start();
    const child = await this.#child;
    // The connections of the child are open by now.
    if (this.#serverPid !== undefined) lowerPriority(this.#serverPid);
    child.send(mode);
    return (await reply(child)) as Sample;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = await this.#child?.catch(() => undefined);
    if (child === undefined || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.disconnect();
    await exited;
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(CHILD, [JSON.stringify(this.#work)], { execArgv: process.execArgv });
    await reply(child);
    return child;
  }
}

async function reply(child: ChildProcess): Promise<unknown> {
  const settled = new AbortController();
  const { signal } = settled;
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`the process that measures delays ended with code ${code}`);
  });
  // The loser of the race is withdrawn.
  ended.catch(() => undefined);
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), ended]);
    return message;
  } finally {
    settled.abort();
  }
}
