import { uniqueNames } from './unique-names.ts';

/**
 * Makes objects whose members are read one by one; names that repeat get suffixes as in {@link uniqueNames}.
 *
 * A member called `__proto__` becomes an own property like every other.
 */
export function createObjectMaker<Value>(
  names: readonly string[],
  readers: readonly ((row: number) => Value)[],
): (row: number) => Record<string, Value> {
  const unique = uniqueNames(names);
  const members = readers.map((read, ordinal) => ({ name: unique[ordinal] ?? '', read }));
  if (unique.includes('__proto__')) {
    return (row) => Object.fromEntries(members.map(({ name, read }) => [name, read(row)]));
  }
  return (row) => {
    const object: Record<string, Value> = {};
    for (const member of members) object[member.name] = member.read(row);
    return object;
  };
}
