import { createValueReader, takeRows } from '@millrace/arrow';
import {
  type AcceleratedTable,
  dataTypes,
  isMillraceError,
  type RefreshSession,
  type WriteResult,
} from '@millrace/core';
import { literalOf } from '../../src/expressions.ts';
import {
  type AcceleratorMutant,
  acceleratedMutant,
  acceleratorMutant,
  batchMutant,
  override,
  pluginMutant,
  refreshMutant,
  sessionMutant,
  writerMutant,
} from './mutate-accelerator.ts';

const FALSE = literalOf(dataTypes.bool(), false);
const CHECKPOINT = { refreshedAtMs: 1, bootstrapComplete: true };
const idle = () => ({ signal: new AbortController().signal });

/** Accelerators whose full refreshes are wrong. */
export const REFRESH_MUTANTS: readonly AcceleratorMutant[] = [
  refreshMutant('keeps the old rows', ['refresh/replaces-all-rows', 'changes/between-other-refreshes'], ({ mode }) => ({
    mode: mode.kind === 'overwrite' ? { kind: 'overwrite_where', filters: [FALSE] } : mode,
  })),
  batchMutant('takes rows for a set', ['refresh/replaces-all-rows'], (batch) => {
    const readers = batch.data.children.map(createValueReader);
    const seen = new Set<string>();
    const rows = Array.from({ length: batch.numRows }, (_, row) => row).filter((row) => {
      const key = readers.map((read) => String(read(row))).join('|');
      const isNew = !seen.has(key);
      seen.add(key);
      return isNew;
    });
    return takeRows(batch, rows);
  }),
  sessionMutant('forgets the offset', ['refresh/checkpoint-is-kept'], (session) => ({
    commit: ({ offset: _, ...rest }) => session.commit(rest),
  })),
  ignoringEmptyRefreshes(),
  batchMutant('leaves batches of one row out', ['refresh/batches-of-any-shape'], (batch) =>
    batch.numRows === 1 ? undefined : batch,
  ),
  publishingEarly(),
  hidingRowsWhileItCommits(),
  acceleratedMutant('reads on in the newest version', ['refresh/scans-keep-their-version'], (table) => ({
    async scan(request, context) {
      const plan = await table.scan(request, context);
      return {
        ...plan,
        async *execute(partition, inner) {
          for await (const batch of plan.execute(partition, inner)) {
            yield batch;
            break;
          }
          const now = await table.scan(request, context);
          yield* now.execute(partition, inner);
        },
      };
    },
  })),
  sharingSessions(),
  sessionMutant('loads relations without their first batch', ['refresh/native-loads-are-whole'], (session) => ({
    async loadNative(relation, columns) {
      if (relation.kind !== 'batches') return undefined;
      await session.loadNative!({ kind: 'batches', batches: relation.batches.slice(1) }, columns);
      return relation.batches.reduce((sum, batch) => sum + BigInt(batch.numRows), 0n);
    },
  })),
  refreshMutant('ignores new columns', ['refresh/redefined-tables'], ({ mode }) => ({ mode })),
  acceleratedMutant(
    'takes new columns over before it has rows',
    ['refresh/failed-redefinitions-change-nothing'],
    (table) => {
      let taken: AcceleratedTable['schema'] | undefined;
      return {
        get schema() {
          return taken ?? table.schema;
        },
        async beginRefresh(request, context) {
          const session = await table.beginRefresh(request, context);
          taken = request.redefine?.schema;
          return session;
        },
      };
    },
  ),
  acceleratedMutant('reads new rows under old columns', ['refresh/scans-have-the-columns-they-announce'], (table) => ({
    async scan(request, context) {
      const plan = await table.scan(request, context);
      return {
        ...plan,
        async *execute(partition, inner) {
          const now = await table.scan(request, context);
          for await (const { numRows, data } of now.execute(partition, inner)) {
            const children = data.children.map((column, place) => ({
              ...column,
              type: plan.schema.fields[place]!.type,
            }));
            yield { schema: plan.schema, numRows, data: { children } };
          }
        },
      };
    },
  })),
  refreshMutant(
    'gives new columns to rows that stay',
    ['refresh/unlisted-redefinitions-are-unsupported'],
    ({ mode, redefine }) => (redefine ? { mode: { kind: 'overwrite' }, redefine } : { mode }),
  ),
  sessionMutant('commits when it is aborted', ['refresh/without-commit-nothing-changes'], (session) => {
    const end = async (): Promise<void> => {
      await session.commit(CHECKPOINT).catch(() => session.abort());
    };
    return { abort: end, [Symbol.asyncDispose]: end };
  }),
  sessionMutant('commits without rows', ['refresh/commit-takes-finished-writers'], (session) => ({
    commit: (checkpoint) => session.commit(checkpoint).catch(unlessState),
  })),
  sessionMutant('commits again and again', ['refresh/sessions-end-once'], (session) => {
    let result: Promise<WriteResult> | undefined;
    return {
      commit(checkpoint) {
        result ??= session.commit(checkpoint);
        return result;
      },
    };
  }),
  writerMutant(
    'keeps the rows of a writer that was discarded',
    ['refresh/discarded-writers-leave-nothing'],
    (writer) => ({
      async [Symbol.asyncDispose]() {
        await writer.finish().catch(() => {});
      },
    }),
  ),
  writerMutant('leaves out what does not fit', ['refresh/wrong-columns-are-refused'], (writer) => ({
    write: (batch) => writer.write(batch).catch(() => {}),
  })),
  writerMutant(
    'publishes what came before a failure',
    ['refresh/failed-sources-change-nothing'],
    (writer, session) => ({
      async [Symbol.asyncDispose]() {
        await writer
          .finish()
          .then(() => session.commit(CHECKPOINT))
          .catch(() => {});
      },
    }),
  ),
  acceleratedMutant('ignores aborts of refreshes', ['refresh/cancellation'], (table) => ({
    beginRefresh: (request) => table.beginRefresh(request, idle()),
  })),
  replacingRefreshes(),
  acceleratorMutant('goes on refreshing after shutdown', ['refresh/shutdown-during-refresh'], () => ({
    shutdown: async () => {},
  })),
  refreshMutant('takes any refresh for a full one', ['refresh/unlisted-modes-are-unsupported'], ({ mode }) => ({
    mode: mode.kind === 'append' ? { kind: 'overwrite' } : mode,
  })),
  pluginMutant('knows no memory limit', ['refresh/memory-limit'], (plugin) => ({
    ...plugin,
    create: (parameters, context) => plugin.create(override(parameters, { number: () => undefined }), context),
  })),
];

function unlessState(error: unknown): WriteResult {
  if (isMillraceError(error) && error.code === 'invalid_state') return { rowCount: 0n };
  throw error;
}

function ignoringEmptyRefreshes(): AcceleratorMutant {
  const found = ['refresh/empty-refresh', 'append/windows-without-rows'];
  return sessionMutant('takes an empty source for a failed one', found, (session) => {
    let rowCount = 0;
    return {
      async writer() {
        const writer = await session.writer();
        return override(writer, {
          write(batch) {
            rowCount += batch.numRows;
            return writer.write(batch);
          },
        });
      },
      async commit(checkpoint) {
        if (rowCount > 0) return session.commit(checkpoint);
        await session.abort();
        return { rowCount: 0n };
      },
    };
  });
}

function publishingEarly(): AcceleratorMutant {
  const found = ['refresh/old-rows-until-commit', 'append/nothing-until-commit', 'changes/nothing-until-commit'];
  return sessionMutant('publishes rows when their writer finishes', found, (session) => {
    let result: WriteResult | undefined;
    return {
      async writer() {
        const writer = await session.writer();
        return override(writer, {
          async finish() {
            const message = await writer.finish();
            result = await session.commit(CHECKPOINT);
            return message;
          },
        });
      },
      commit: async (checkpoint) => result ?? session.commit(checkpoint),
    };
  });
}

function hidingRowsWhileItCommits(): AcceleratorMutant {
  return acceleratedMutant(
    'empties the table before it fills it',
    ['refresh/readers-see-one-version', 'changes/readers-see-whole-commits'],
    (table) => {
      let isHidden = false;
      return {
        async scan(request, context) {
          return table.scan(isHidden ? { ...request, filters: [...request.filters, FALSE] } : request, context);
        },
        async beginRefresh(request, context) {
          const session = await table.beginRefresh(request, context);
          return override(session, {
            async commit(checkpoint) {
              isHidden = true;
              // Turns and no time: readers have theirs meanwhile, however slow the machine is.
              for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
              const result = await session.commit(checkpoint);
              isHidden = false;
              return result;
            },
          });
        },
      };
    },
  );
}

function sharingSessions(): AcceleratorMutant {
  let latest: RefreshSession | undefined;
  return sessionMutant(
    'gives every writer to the latest refresh',
    ['refresh/tables-refresh-side-by-side'],
    (session) => {
      latest = session;
      return { writer: () => latest!.writer() };
    },
  );
}

function replacingRefreshes(): AcceleratorMutant {
  return acceleratedMutant('lets a second refresh take the place of the first', ['refresh/one-at-a-time'], (table) => {
    let running: RefreshSession | undefined;
    return {
      async beginRefresh(request, context) {
        await running?.abort();
        running = await table.beginRefresh(request, context);
        return running;
      },
    };
  });
}
