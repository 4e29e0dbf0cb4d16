import { setMaxListeners } from 'node:events';

/**
 * The controller of what lives as long as its owner. Any number of statements and datasets listen to its signal, which Node would take
 * for a leak beyond ten.
 */
export function createLifetime(): AbortController {
  const lifetime = new AbortController();
  setMaxListeners(0, lifetime.signal);
  return lifetime;
}

/** A signal that fires with the first of several. Every table of a query listens to it, which Node would take for a leak, too. */
export function anySignal(signals: readonly AbortSignal[]): AbortSignal {
  const signal = AbortSignal.any([...signals]);
  setMaxListeners(0, signal);
  return signal;
}
