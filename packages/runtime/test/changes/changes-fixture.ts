import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryDatabase } from '@millrace/connector-memory';
import { type ConnectorPlugin, dataTypes, field } from '@millrace/core';
import { createRegistry, type PluginRegistry } from '@millrace/core/registry';
import { ENGINES } from '@millrace/engines';
import { createGate, type Gate } from '@millrace/test-fixtures';
import { afterEach, beforeEach, expect } from 'vitest';
import {
  createRuntime,
  type DatasetInput,
  type Runtime,
  type RuntimeConfigInput,
  type RuntimeOptions,
} from '../../src/index.ts';
import { createFaultySource, type FaultySource } from '../worker/faulty-source.ts';

/** Runtimes over one source that counts its scans and connectors, in a folder of their own; for one test at a time. */
export interface ChangesFixture {
  readonly folder: string;
  readonly source: FaultySource;
  /** Connectors that were made and not closed. */
  readonly connectors: { open: number };
  /** Another database of the source, and so a connector of its own. */
  readonly otherStore: string;
  /** Fills the tables `a` and `b`, and `a` of the other database; `b` holds other values, and one column more. */
  put(count: number): void;
  dataset(changes?: Partial<DatasetInput>): DatasetInput;
  start(datasets: readonly DatasetInput[], options?: RuntimeOptions): Promise<Runtime>;
  /** A configuration file in the folder. */
  readonly file: string;
  /** Puts a configuration into the file, in one step. */
  write(config: RuntimeConfigInput): void;
  /** Writes the file, and starts a runtime with it whose datasets have all loaded. */
  startFromFile(config: RuntimeConfigInput, options?: RuntimeOptions): Promise<Runtime>;
  /** Lets every read of the source wait until the function that comes back is called. */
  hold(): () => void;
  rows(runtime: Runtime, sql: string): Promise<readonly Record<string, unknown>[]>;
}

/** Registers what sets the fixture up before each test and clears it away afterwards. */
export function useChanges(store: string): ChangesFixture {
  const otherStore = `${store}-other`;
  const folder = mkdtempSync(join(tmpdir(), 'millrace-changes-'));
  const runtimes: Runtime[] = [];
  const connectors = { open: 0 };
  let source = createFaultySource();
  let registry: PluginRegistry;
  let gate: Gate | undefined;
  beforeEach(() => {
    source = createFaultySource();
    connectors.open = 0;
    registry = createRegistry({ connectors: [counted(source.plugin, connectors)], accelerators: ENGINES });
  });
  afterEach(async () => {
    gate?.open();
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
    expect(connectors.open).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, 'millrace.yaml');
  async function start(datasets: readonly DatasetInput[], options: RuntimeOptions = {}): Promise<Runtime> {
    const runtime = await createRuntime({
      config: { datasets },
      baseDirectory: folder,
      registry,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      ...options,
    });
    runtimes.push(runtime);
    return runtime;
  }
  /** JSON is YAML. */
  function write(config: RuntimeConfigInput): void {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify({ version: 'v1', ...config }, undefined, 2));
    renameSync(`${file}.new`, file);
  }
  return {
    folder,
    connectors,
    otherStore,
    get source() {
      return source;
    },
    put(count) {
      const fields = [field('id', dataTypes.int32()), field('note', dataTypes.utf8())];
      const rowsOf = (prefix: string) => Array.from({ length: count }, (_, id) => [id, `${prefix}${id % 3}`]);
      for (const each of [store, otherStore]) memoryDatabase(each).put('a', { schema: { fields }, rows: rowsOf('a') });
      memoryDatabase(store).put('b', {
        schema: { fields: [...fields, field('extra', dataTypes.int32())] },
        rows: rowsOf('b').map((row, index) => [...row, index]),
      });
    },
    dataset: (changes = {}) => ({ from: 'faulty:a', name: 'a', params: { memory_database: store }, ...changes }),
    file,
    write,
    start,
    async startFromFile(config, options = {}) {
      write(config);
      const runtime = await start([], { configPath: file, config: undefined, ...options } as RuntimeOptions);
      await runtime.ready();
      return runtime;
    },
    hold() {
      const held = createGate();
      gate = held;
      source.gate = held.opened;
      return () => {
        source.gate = undefined;
        held.open();
      };
    },
    rows: async (runtime, sql) => (await (await runtime.sql(sql)).toRows()) as Record<string, unknown>[],
  };
}

function counted(plugin: ConnectorPlugin, connectors: { open: number }): ConnectorPlugin {
  return {
    ...plugin,
    create: async (parameters, context) => {
      const connector = await plugin.create(parameters, context);
      connectors.open += 1;
      let isOpen = true;
      const close = async () => {
        if (isOpen) connectors.open -= 1;
        isOpen = false;
        await connector.close();
      };
      return { ...connector, close, [Symbol.asyncDispose]: close };
    },
  };
}
