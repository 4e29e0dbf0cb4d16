import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 2;

/** Readers that read again and again beside what a test does, each telling which version it saw. */
export class ConcurrentReaders {
  readonly #seen = new Set<number>();
  readonly #reading: Promise<unknown>;
  #readCount = 0;
  #isDone = false;

  /** Starts `count` readers; what one of them rejects with, {@link untilSeen} and {@link stop} reject with. */
  constructor(count: number, read: (reader: number) => Promise<number>) {
    this.#reading = Promise.all(
      Array.from({ length: count }, async (_, reader) => {
        while (!this.#isDone) {
          this.#seen.add(await read(reader));
          this.#readCount += 1;
          await sleep(PAUSE_MS);
        }
      }),
    );
    this.#reading.catch(() => undefined);
  }

  /** How many reads have ended. */
  get readCount(): number {
    return this.#readCount;
  }

  /** Waits until a reader has seen a version. Without it a machine may be so busy that nobody reads between two refreshes. */
  async untilSeen(version: number): Promise<void> {
    const seen = async (): Promise<void> => {
      while (!this.#seen.has(version) && !this.#isDone) await sleep(1);
    };
    await Promise.race([seen(), this.#reading]);
  }

  /** Ends the readers, each after the read it is in. */
  async stop(): Promise<void> {
    this.#isDone = true;
    await this.#reading;
  }
}
