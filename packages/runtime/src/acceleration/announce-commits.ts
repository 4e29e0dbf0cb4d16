import type { AcceleratedTable, RefreshSession } from '@millrace/core';
import { withMember } from './with-member.ts';

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
