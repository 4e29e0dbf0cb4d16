import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What {@link ConfigWatch} watches. */
export interface ConfigWatchParts {
  /** The configuration file, absolute. */
  readonly file: string;
  /** Called when the text of the file has become another one, and once at the beginning; never twice at a time. */
  readonly onChange: () => Promise<unknown>;
  /** Told what `onChange` fails with, and that the folder cannot be watched any more. */
  readonly onError: (error: unknown) => void;
}

/** Writing a file takes several steps, each of which is an event. */
const SETTLE_MS = 100;

/**
 * Watches a configuration file. It is the folder that is watched, and the text that is compared: editors put another file in the place of the
 * old one, and on a mounted volume the file is a link whose target changes.
 */
export class ConfigWatch implements AsyncDisposable {
  readonly #parts: ConfigWatchParts;
  readonly #watcher: FSWatcher;
  #timer: NodeJS.Timeout | undefined;
  #checks: Promise<void> = Promise.resolve();
  #text: string | undefined;
  #isClosed = false;

  /** @throws Error of the file system where the folder cannot be watched. */
  constructor(parts: ConfigWatchParts) {
    this.#parts = parts;
    this.#watcher = watch(dirname(parts.file), { persistent: false }, () => this.#notice());
    this.#watcher.on('error', (error) => parts.onError(error));
    // The file may have changed since it was read.
    this.#notice();
  }

  /** Waits for a change that is being made. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#watcher.close();
    await this.#checks;
  }

  #notice(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#checks = this.#checks.then(() => this.#check());
    }, SETTLE_MS).unref();
  }

  async #check(): Promise<void> {
    // A file that is away for the moment comes back with an event.
    const text = await readFile(this.#parts.file, 'utf8').catch(() => undefined);
    if (this.#isClosed || text === undefined || text === this.#text) return;
    this.#text = text;
    try {
      await this.#parts.onChange();
    } catch (error) {
      if (!this.#isClosed) this.#parts.onError(error);
    }
  }
}
