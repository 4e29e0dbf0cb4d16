import { join } from 'node:path';
import { emptyBatch, schemasEqual } from '@millrace/arrow';
import {
  type AccelerationMode,
  type AcceleratorPlugin,
  type BootstrapStatus,
  type CreateTableCommand,
  type DataAccelerator,
  defineAccelerator,
  type ParameterSpec,
} from '@millrace/core';
import { modelFailure } from './model-failure.ts';
import { readVersion, type StoredVersion } from './model-file.ts';
import { ModelTable } from './model-table.ts';

/** What a table of the model is made from. */
export interface ModelParts {
  readonly command: CreateTableCommand;
  /** Undefined in memory. */
  readonly path: string | undefined;
  readonly maxBytes: number;
}

const PARAMETERS: readonly ParameterSpec[] = [
  {
    name: 'memory_limit',
    kind: 'accelerator',
    type: 'bytes',
    description: 'Most memory of the written rows.',
    examples: ['1MiB'],
  },
];

/** An accelerator of a few lines that passes every check; mutants are made from it. */
export function createModelAccelerator(modes: readonly AccelerationMode[] = ['memory', 'file']): AcceleratorPlugin {
  const owned = new Set<string>();
  return defineAccelerator({
    id: 'model',
    prefix: 'model',
    parameters: PARAMETERS,
    modes,
    validFileExtensions: ['.model'],
    refreshModes: ['full', 'append', 'changes'],
    canRedefine: true,
    create: (parameters, { dataDirectory }) =>
      createAccelerator({
        owned,
        modes,
        dataDirectory,
        maxBytes: parameters.number('memory_limit') ?? Number.MAX_VALUE,
      }),
  });
}

interface Place {
  /** Files that have an owner. */
  readonly owned: Set<string>;
  readonly modes: readonly AccelerationMode[];
  readonly dataDirectory: string;
  readonly maxBytes: number;
}

function createAccelerator({ owned, modes, dataDirectory, maxBytes }: Place): DataAccelerator {
  let opening: Promise<{ readonly table: ModelTable; readonly status: BootstrapStatus }> | undefined;
  let path: string | undefined;
  const filePath = ({ mode, name }: Pick<CreateTableCommand, 'mode' | 'name'>): string | undefined =>
    mode === 'file' ? join(dataDirectory, `${encodeURIComponent(name.table)}.model`) : undefined;
  const open = async (command: CreateTableCommand) => {
    if (!modes.includes(command.mode)) throw modelFailure('unsupported', `there is no mode ${command.mode}`);
    const wanted = filePath(command);
    if (wanted !== undefined && owned.has(wanted)) throw modelFailure('conflict', `the file ${wanted} is in use`);
    const stored = wanted === undefined ? undefined : await readVersion(wanted);
    const status = statusOf(stored, command);
    const batch = status.kind === 'ready' ? stored!.batch : emptyBatch(command.schema);
    const checkpoint = status.kind === 'ready' ? status.checkpoint : undefined;
    const table = new ModelTable({ command, path: wanted, maxBytes }, { batch, checkpoint });
    if (wanted !== undefined) owned.add(wanted);
    path = wanted;
    return { table, status };
  };
  const shutdown = async (): Promise<void> => {
    const opened = await opening?.catch(() => undefined);
    await opened?.table.close();
    if (path !== undefined) owned.delete(path);
    path = undefined;
  };
  return {
    get accelerationLayout() {
      return path === undefined ? { kind: 'memory' as const } : { kind: 'file' as const, path };
    },
    filePath,
    async readCheckpoint(command) {
      const wanted = filePath(command);
      return wanted === undefined ? undefined : (await readVersion(wanted))?.checkpoint;
    },
    async init(command) {
      opening ??= open(command);
      return (await opening).status;
    },
    isInitialized: () => opening !== undefined,
    async createExternalTable(command) {
      opening ??= open(command);
      return (await opening).table;
    },
    shutdown,
    [Symbol.asyncDispose]: shutdown,
  };
}

function statusOf(stored: StoredVersion | undefined, command: CreateTableCommand): BootstrapStatus {
  const checkpoint = stored?.checkpoint;
  if (checkpoint === undefined) return { kind: 'empty' };
  if (checkpoint.definitionHash !== command.definitionHash)
    return { kind: 'discarded', reason: 'the definition has changed' };
  if (!schemasEqual(checkpoint.schema, command.schema))
    return { kind: 'discarded', reason: 'the columns have changed' };
  return { kind: 'ready', checkpoint };
}
