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
