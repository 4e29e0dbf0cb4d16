import { arrowAccelerator } from '@millrace/accelerator-arrow';
import type { AcceleratedTable, AcceleratorPlugin, RefreshSession } from '@millrace/core';
import { withMember } from '../../src/acceleration/with-member.ts';

/** Where commits of the engine `held` stand still. */
export interface HeldAccelerator {
  readonly plugin: AcceleratorPlugin;
  /** Lets the next commit wait once its rows are published; settles then, with what lets it go on. */
  hold(): Promise<() => void>;
}

/** The engine `held`: the rows of the engine arrow, with commits that can be made to wait before their caller knows of them. */
export function createHeldAccelerator(): HeldAccelerator {
  let onCommit: (() => Promise<void>) | undefined;
  const holdCommits = (session: RefreshSession): RefreshSession =>
    withMember(session, 'commit', async (checkpoint) => {
      const wait = onCommit;
      onCommit = undefined;
      const result = await session.commit(checkpoint);
      await wait?.();
      return result;
    });
  const holdTable = (table: AcceleratedTable): AcceleratedTable =>
    withMember(table, 'beginRefresh', async (request, context) =>
      holdCommits(await table.beginRefresh(request, context)),
    );
  return {
    plugin: {
      ...arrowAccelerator,
      id: 'held',
      create: async (parameters, context) => {
        const accelerator = await arrowAccelerator.create(parameters, context);
        return withMember(accelerator, 'createExternalTable', async (...request) =>
          holdTable(await accelerator.createExternalTable(...request)),
        );
      },
    },
    hold: () =>
      new Promise((begun) => {
        onCommit = () =>
          new Promise((release) => {
            begun(() => release());
          });
      }),
  };
}
