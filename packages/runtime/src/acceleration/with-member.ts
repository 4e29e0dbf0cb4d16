/** The object with another member in the place of one; every other member is the object's own, those that are optional, too. */
export function withMember<T extends object, Name extends keyof T>(object: T, name: Name, member: T[Name]): T {
  return new Proxy({} as T, {
    has: (_, key) => key in object,
    get: (_, key) => {
      if (key === name) return member;
      const value: unknown = Reflect.get(object, key, object);
      // Private fields are found only through the object itself.
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });
}
