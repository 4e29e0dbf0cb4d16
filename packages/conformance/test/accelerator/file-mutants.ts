import { openSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { isMillraceError, type RefreshSession } from '@millrace/core';
import {
  type AcceleratorMutant,
  acceleratorMutant,
  commandMutant,
  override,
  refreshMutant,
  sessionMutant,
} from './mutate-accelerator.ts';

/** Accelerators that lose files, or hold on to them. */
export const FILE_MUTANTS: readonly AcceleratorMutant[] = [
  commandMutant('never knows its own files again', ['files/restart-finds-everything'], (command) => ({
    ...command,
    definitionHash: `${command.definitionHash} ${Math.random()}`,
  })),
  commandMutant('looks at no definition', ['files/other-definitions-are-discarded'], (command) => ({
    ...command,
    definitionHash: 'always the same',
  })),
  committingAtShutdown(),
  sessionMutant(
    'removes the old file before it writes',
    ['files/crashes-leave-a-version'],
    async (_, { accelerator, command }) => {
      await rm(accelerator.filePath(command)!, { force: true });
      return {};
    },
  ),
  sessionMutant('keeps its file open', ['files/shutdown-releases-files'], (session, { accelerator, command }) => ({
    async commit(checkpoint) {
      const result = await session.commit(checkpoint);
      openSync(accelerator.filePath(command)!, 'r');
      return result;
    },
  })),
  acceleratorMutant('shows an empty table to a second owner', ['files/one-owner'], (accelerator, again) => ({
    init: (command, context) => accelerator.init(command, context).catch(() => ({ kind: 'empty' as const })),
    createExternalTable: (command, source, partitionBy, context) =>
      accelerator
        .createExternalTable(command, source, partitionBy, context)
        .catch(async () => (await again()).createExternalTable({ ...command, mode: 'memory' }, source, [], context)),
  })),
  acceleratorMutant('passes on what the file system says', ['files/places-that-are-none'], (accelerator) => ({
    init: (command, context) => accelerator.init(command, context).catch(throwCause),
  })),
  sessionMutant('passes on why a file cannot be written', ['files/read-only-files'], (session) => ({
    commit: (checkpoint) => session.commit(checkpoint).catch(throwCause),
  })),
  sessionMutant('passes on that the disk is full', ['files/full-disks'], (session) => ({
    commit: (checkpoint) => session.commit(checkpoint).catch(throwCause),
  })),
  refreshMutant(
    'keeps the hash of a table that was redefined',
    ['files/redefined-tables-are-found-again'],
    ({ mode, redefine }) => ({ mode, ...(redefine && { redefine: { ...redefine, definitionHash: 'definition 1' } }) }),
  ),
  acceleratorMutant('knows only what it has opened', ['files/checkpoints-can-be-read-first'], () => ({
    readCheckpoint: async () => undefined,
  })),
  acceleratorMutant('starts anew without a word', ['files/damaged-files'], (accelerator, again) => {
    let replacement: ReturnType<typeof again> | undefined;
    const used = async () => (await replacement) ?? accelerator;
    return {
      async init(command, context) {
        return accelerator.init(command, context).catch(async (error: unknown) => {
          if (!isMillraceError(error) || error.code !== 'invalid_data') throw error;
          await rm(accelerator.filePath(command)!);
          replacement ??= again();
          return (await replacement).init(command, context);
        });
      },
      createExternalTable: async (command, source, partitionBy, context) =>
        (await used()).createExternalTable(command, source, partitionBy, context),
      shutdown: async () => (await used()).shutdown(),
    };
  }),
  sessionMutant('keeps every version', ['files/files-do-not-grow'], (session, { accelerator, command }) => ({
    async commit(checkpoint) {
      const result = await session.commit(checkpoint);
      const path = accelerator.filePath(command)!;
      await copyFile(path, `${path}.${Math.random()}`);
      return result;
    },
  })),
];

function throwCause(error: unknown): never {
  throw (error as Error).cause ?? error;
}

function committingAtShutdown(): AcceleratorMutant {
  return acceleratorMutant(
    'commits what it has at shutdown',
    ['files/unfinished-refreshes-are-gone'],
    (accelerator) => {
      let running: RefreshSession | undefined;
      return {
        async createExternalTable(command, source, partitionBy, context) {
          const table = await accelerator.createExternalTable(command, source, partitionBy, context);
          return override(table, {
            async beginRefresh(request, scanning) {
              running = await table.beginRefresh(request, scanning);
              return running;
            },
          });
        },
        async shutdown() {
          await running?.commit({ refreshedAtMs: 1, bootstrapComplete: true }).catch(() => {});
          await accelerator.shutdown();
        },
      };
    },
  );
}
