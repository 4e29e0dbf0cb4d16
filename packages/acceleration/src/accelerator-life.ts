import { type CreateTableCommand, datasetComponent } from '@millrace/core';
import { createRefuse } from './refuse.ts';

/** The life of an accelerator: it opens the place of its rows once, and closes it once. */
export class AcceleratorLife<Opened> {
  readonly #connector: string;
  #opening: Promise<Opened> | undefined;
  #isOpen = false;
  #closing: Promise<void> | undefined;

  /** @param connector id of the accelerator, for messages. */
  constructor(connector: string) {
    this.#connector = connector;
  }

  /** Whether the place is open. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Opens the place, once: whoever comes later gets what was opened. A failure is forgotten, so that the next call tries again.
   *
   * @throws MillraceError `invalid_state` once the accelerator is closed, and what `work` throws.
   */
  open(command: CreateTableCommand, work: () => Promise<Opened>): Promise<Opened> {
    if (this.#closing)
      throw createRefuse({ component: datasetComponent(command), connector: this.#connector })(
        'invalid_state',
        'the accelerator is closed',
        'Create another one',
      );
    this.#opening ??= this.#open(work);
    return this.#opening;
  }

  /** What was opened, once that is done; undefined where nothing was, or it failed. */
  async opened(): Promise<Opened | undefined> {
    return await this.#opening?.catch(() => undefined);
  }

  /** Waits for what is being opened, and closes it. Idempotent: whoever calls later waits for the first. */
  close(release: (opened: Opened | undefined) => Promise<void>): Promise<void> {
    this.#closing ??= this.#close(release);
    return this.#closing;
  }

  async #open(work: () => Promise<Opened>): Promise<Opened> {
    try {
      const opened = await work();
      this.#isOpen = true;
      return opened;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  async #close(release: (opened: Opened | undefined) => Promise<void>): Promise<void> {
    const opened = await this.opened();
    this.#isOpen = false;
    await release(opened);
  }
}
