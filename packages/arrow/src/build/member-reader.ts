const INHERITED: object = Object.prototype;

/**
 * Reads one member of an object, getters of its class included.
 *
 * What every object inherits is no member: a column called `constructor` is absent from `{}`.
 */
export function createMemberReader(name: string): (object: object) => unknown {
  if (name in INHERITED) {
    return (object) => (Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined);
  }
  return (object) => (object as Record<string, unknown>)[name];
}
