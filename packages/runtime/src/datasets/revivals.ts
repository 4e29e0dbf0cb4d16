import { MillraceError } from '@millrace/core';
import { type Clock, systemClock } from '../acceleration/clock.ts';
import { retryDelayMs } from '../acceleration/retry-delay.ts';
import type { Dataset } from './dataset.ts';

/** What {@link Revivals} works with. */
export interface RevivalsParts {
  /** Brings a dataset up and makes it known to SQL. @throws MillraceError why it cannot be. */
  readonly tryAgain: (dataset: Dataset) => Promise<void>;
  /** Called once a dataset is there that nobody asked for. */
  readonly onRevived: (dataset: Dataset) => void;
  readonly clock?: Clock | undefined;
  readonly signal: AbortSignal;
}

/**
 * Brings datasets up that failed to: on request, and by itself with growing delays where the failure may pass, so that a source that was down
 * at start needs no restart.
 */
export class Revivals {
  readonly #parts: RevivalsParts;
  readonly #clock: Clock;
  readonly #running = new Map<Dataset, Promise<void>>();
  readonly #planned = new Map<Dataset, () => void>();
  readonly #tries = new Map<Dataset, number>();
  /** Datasets whose names are about to stand for something else: what is tried of them must not be known by those any more. */
  readonly #forgotten = new WeakSet<Dataset>();

  constructor(parts: RevivalsParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
  }

  /** Tries once; whoever asks meanwhile waits for the same try. @throws MillraceError why it failed; `conflict` for one that is forgotten. */
  async revive(dataset: Dataset): Promise<void> {
    if (this.#forgotten.has(dataset)) throw dataset.failure ?? forgottenError(dataset);
    const running =
      this.#running.get(dataset) ?? this.#parts.tryAgain(dataset).finally(() => this.#running.delete(dataset));
    this.#running.set(dataset, running);
    await running;
    this.#cancel(dataset);
  }

  /** Whether a try of a dataset runs. What it waits for, such as a dataset that a view reads, must not wait for it. */
  isTrying(dataset: Dataset): boolean {
    return this.#running.has(dataset);
  }

  /** Lets the next try of a dataset come by itself, if it failed for a reason that may pass. */
  watch(dataset: Dataset): void {
    this.#forgotten.delete(dataset);
    this.#planned.get(dataset)?.();
    this.#planned.delete(dataset);
    const mayRetry = dataset.failure?.retryable === true && dataset.config.acceleration?.refreshMaxRetries !== 0;
    if (!mayRetry || this.#parts.signal.aborted) return;
    const tries = (this.#tries.get(dataset) ?? 0) + 1;
    this.#tries.set(dataset, tries);
    const cancel = this.#clock.setTimer(() => void this.#retry(dataset), retryDelayMs(tries, this.#clock.random()));
    this.#planned.set(dataset, cancel);
  }

  /** Tries a dataset no more, unless it is watched again, and waits for a try that runs. */
  async forget(dataset: Dataset): Promise<void> {
    this.#forgotten.add(dataset);
    this.#cancel(dataset);
    await this.#running.get(dataset)?.catch(() => undefined);
    this.#cancel(dataset);
  }

  /** Plans nothing more and waits for what is running. */
  async close(): Promise<void> {
    for (const dataset of [...this.#planned.keys()]) this.#cancel(dataset);
    await Promise.allSettled(this.#running.values());
  }

  async #retry(dataset: Dataset): Promise<void> {
    try {
      await this.revive(dataset);
      this.#parts.onRevived(dataset);
    } catch {
      // The dataset's state says why.
      if (!this.#forgotten.has(dataset)) this.watch(dataset);
    }
  }

  #cancel(dataset: Dataset): void {
    this.#planned.get(dataset)?.();
    this.#planned.delete(dataset);
    this.#tries.delete(dataset);
  }
}

function forgottenError({ config }: Dataset): MillraceError {
  return new MillraceError({
    code: 'conflict',
    component: `dataset ${config.name.text}`,
    message: 'it is being removed or replaced',
    hint: 'Try again.',
    retryable: true,
  });
}
