import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Sample } from '../benchmark.ts';
import { lowerPriority } from './lower-priority.ts';

const CHILD = fileURLToPath(new URL('../processes/delays.ts', import.meta.url));

/** What a process of its own does, over and over. */
export interface DelayWork {
  /** Id of the connector. */
  readonly connector: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Table at the source. */
  readonly path: string;
  readonly rowCount: number;
  /** `scan` into Arrow, or `refresh` of a copy in DuckDB's memory. */
  readonly work: 'scan' | 'refresh';
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
  async sample(): Promise<Sample> {
    this.#child ??= this.#start();
    const child = await this.#child;
    // The connections of the child are open by now.
    if (this.#serverPid !== undefined) lowerPriority(this.#serverPid);
    child.send('run');
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
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the process that measures delays ended with code ${code}`);
  });
  const [message] = await Promise.race([once(child, 'message'), ended]);
  return message;
}
