import type { AcceleratedTable, RefreshSession } from '@millrace/core';

/**
 * The same table, which tells of every commit right before it begins and once it has ended, however it ended: what is read in between may be
 * of the old rows or of the new ones.
 */
export function announceCommits(table: AcceleratedTable, announce: () => void): AcceleratedTable {
  const beginRefresh: AcceleratedTable['beginRefresh'] = async (request, context) => {
    const session = await table.beginRefresh(request, context);
    const commit: RefreshSession['commit'] = async (checkpoint) => {
      announce();
      try {
        return await session.commit(checkpoint);
      } finally {
        announce();
      }
    };
    return withMember(session, 'commit', commit);
  };
  return withMember(table, 'beginRefresh', beginRefresh);
}

/** The object with another member in the place of one; every other member is the object's own, those that are optional, too. */
function withMember<T extends object, Name extends keyof T>(object: T, name: Name, member: T[Name]): T {
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
