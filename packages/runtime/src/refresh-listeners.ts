import type { Logger } from '@millrace/core';
import type { RefreshEvent, RefreshListener, RefreshProgress } from './acceleration/refresh-event.ts';

/** What listeners are made from. */
export interface RefreshListenersParts {
  /** Listeners that are there from the start. */
  readonly options: { readonly onRefreshEvent?: RefreshListener; readonly onProgress?: RefreshProgress };
  readonly redact: (text: string) => string;
  readonly logger: Logger;
}

/** Passes events of refreshes on to everybody who listens. */
export class RefreshListeners {
  readonly #redact: (text: string) => string;
  readonly #logger: Logger;
  readonly #listeners = new Set<RefreshListener>();

  constructor({ options, redact, logger }: RefreshListenersParts) {
    const { onRefreshEvent, onProgress } = options;
    this.#redact = redact;
    this.#logger = logger;
    if (onRefreshEvent) this.add(onRefreshEvent);
    if (onProgress) this.add((event) => (event.kind === 'refresh_progress' ? onProgress(event) : undefined));
  }

  /** Lets a listener hear of every event from now on, until the function that comes back is called. */
  add(listener: RefreshListener): () => void {
    // Added twice is heard twice.
    const own: RefreshListener = (event) => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** A listener that throws is logged; the others hear of the event, and the refresh goes on. */
  readonly tell: RefreshListener = (event) => {
    const clean: RefreshEvent =
      event.kind === 'refresh_failed' ? { ...event, message: this.#redact(event.message) } : event;
    for (const listener of this.#listeners) {
      try {
        listener(clean);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#logger.error('a listener of refresh events failed', { reason });
      }
    }
  };
}
