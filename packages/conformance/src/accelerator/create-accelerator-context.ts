import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccelerationMode, CreateTableCommand } from '@millrace/core';
import type { CheckContext } from '../check-context.ts';
import { collectLog } from '../collect-log.ts';
import { createSharedContext, type SharedContext } from '../create-context.ts';
import { ConformanceFailure, SkippedCheck } from '../failure.ts';
import { rowsOf } from '../read/scan-table.ts';
import type { CheckRun, CheckScope } from '../run-check.ts';
import { acceleratedSource, presentedBatch } from './accelerated-source.ts';
import type { Accelerated, AcceleratorContext, OpenAcceleratedRequest } from './accelerator-context.ts';
import type { AcceleratorSuite } from './accelerator-suite.ts';
import { EVENT_FIELDS } from './events.ts';
import { openAccelerated } from './open-accelerated.ts';

/** Opens the subject of a suite for one run of checks in one mode. */
export async function createAcceleratorContext(
  suite: AcceleratorSuite,
  mode: AccelerationMode,
): Promise<CheckRun<AcceleratorContext>> {
  const subject = await suite.open(mode);
  const log: string[] = [];
  const logger = collectLog(log);
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', onUnhandled);
  const isFull = (suite.size ?? (process.env.MILLRACE_TEST_FULL === '1' ? 'full' : 'reduced')) === 'full';
  const { refreshModes = ['full'] } = subject.plugin;
  const standardMode = refreshModes.includes('append') ? 'append' : 'full';
  const sharedTables: Accelerated[] = [];
  let tableCount = 0;
  let shared: Promise<SharedContext> | undefined;

  const open = (request: OpenAcceleratedRequest, opened: Accelerated[]): Promise<Accelerated> => {
    tableCount += 1;
    const { name = `table_${tableCount}`, fields = EVENT_FIELDS, definitionHash = 'definition 1' } = request;
    const used = request.mode ?? mode;
    const { primaryKey, indexes, onConflict, refreshMode = standardMode } = request;
    const command: CreateTableCommand = {
      name: { table: name },
      schema: { fields },
      mode: used,
      definitionHash,
      refreshMode,
      ...(primaryKey && { primaryKey }),
      ...(indexes && { indexes }),
      ...(onConflict && { onConflict }),
    };
    const parameters = { ...subject.parameters?.[used], ...request.parameters };
    const { dataDirectory = subject.dataDirectory } = request;
    return openAccelerated(subject, { command, parameters, dataDirectory, logger }).then((accelerated) => {
      opened.push(accelerated);
      return accelerated;
    });
  };

  const openShared = (): Promise<SharedContext> => {
    const { name, engine, size } = suite;
    return createSharedContext({
      name,
      capabilities: {},
      open: async () => acceleratedSource(subject, (request) => open(request, sharedTables)),
      ...(engine && { engine }),
      ...(size && { size }),
    });
  };

  const forCheck = (check: { readonly id: string; readonly fix: string }): CheckScope<AcceleratorContext> => {
    const notes: string[] = [];
    const opened: Accelerated[] = [];
    let tables: CheckScope<CheckContext> | undefined;
    const skip = (reason: string): never => {
      throw new SkippedCheck(reason);
    };
    const context: AcceleratorContext = {
      suite,
      subject,
      mode,
      log,
      unhandled,
      count: (full, reduced) => (isFull ? full : reduced),
      open: (request = {}) => open(request, opened),
      async folder() {
        const folder = join(subject.dataDirectory, check.id.replace('/', '-'));
        await mkdir(folder, { recursive: true });
        return folder;
      },
      expected: (fields, rows) => rowsOf([presentedBatch(subject, { schema: { fields }, rows })]),
      async tables() {
        shared ??= openShared();
        tables ??= (await shared).forCheck(check);
        return tables.context;
      },
      requireAppend() {
        if (!refreshModes.includes('append')) skip('the factory does not list `append` in its refreshModes');
      },
      requireChanges() {
        if (!refreshModes.includes('changes')) skip('the factory does not list `changes` in its refreshModes');
      },
      requireFirstMode() {
        const [first] = subject.plugin.modes;
        if (!isFull && mode !== first) skip(`short runs ask this in mode ${first} alone`);
      },
      requireFiles() {
        if (mode !== 'file') skip('the tables of this run are in memory');
      },
      skip,
      fail(details) {
        throw new ConformanceFailure({ ...details, fix: check.fix });
      },
      note: (text) => void notes.push(text),
    };
    return {
      context,
      get notes() {
        return [...notes, ...(tables?.notes ?? [])];
      },
      async [Symbol.asyncDispose]() {
        await tables?.[Symbol.asyncDispose]();
        await Promise.allSettled(opened.map((accelerated) => accelerated.shutdown()));
      },
    };
  };

  return {
    forCheck,
    async [Symbol.asyncDispose]() {
      process.off('unhandledRejection', onUnhandled);
      await shared?.then((context) => context[Symbol.asyncDispose]()).catch(() => {});
      await Promise.allSettled(sharedTables.map((accelerated) => accelerated.shutdown()));
      await subject.close();
    },
  };
}
