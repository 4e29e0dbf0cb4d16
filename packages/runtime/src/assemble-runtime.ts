import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Logger } from '@millrace/core';
import { discoverPlugins, findHostRoot, type PluginRegistry } from '@millrace/core/registry';
import { loadConfig } from './config/index.ts';
import type { RuntimeOptions } from './create-runtime.ts';
import { DatasetManager } from './datasets/dataset-manager.ts';
import { redactingLogger, stderrLogger } from './logger.ts';
import { QueryEngine } from './query/query-engine.ts';
import { redactError } from './secrets/redact-error.ts';

/** The parts of a running runtime. */
export interface RuntimeAssembly {
  readonly plugins: PluginRegistry;
  readonly engine: QueryEngine;
  readonly manager: DatasetManager;
  readonly logger: Logger;
  readonly hostRoot: string;
  /** Takes the configuration's secrets out of a text. */
  redact(text: string): string;
  close(): Promise<void>;
}

/** Puts a runtime together; see `createRuntime` for what it throws. */
export async function assembleRuntime(options: RuntimeOptions): Promise<RuntimeAssembly> {
  const config = await loadConfig(
    options.config === undefined
      ? { configPath: resolve(options.configPath ?? 'millrace.yaml') }
      : {
          config: options.config,
          ...(options.baseDirectory === undefined ? {} : { baseDirectory: options.baseDirectory }),
        },
  );
  const redact = (text: string) => config.redactor.redact(text);
  const logger = redactingLogger(options.logger ?? stderrLogger, redact);
  for (const { message } of config.warnings) logger.warn(message);
  const configFolder = config.file ? dirname(config.file) : config.baseDirectory;
  const hostRoot = options.hostRoot ?? findHostRoot(configFolder) ?? configFolder;
  const plugins = options.registry ?? discoverPlugins({ hostRoot });
  const tempDirectory = await mkdtemp(join(tmpdir(), 'millrace-'));
  const engine = await QueryEngine.open({
    memoryLimit: options.memoryLimit ?? `${Math.floor(totalmem() / 2 ** 21)}MiB`,
    tempDirectory,
    redact,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  });
  const manager = new DatasetManager({ ...options, config, plugins, engine, logger });
  const close = async () => {
    await manager[Symbol.asyncDispose]();
    await engine.close();
    await rm(tempDirectory, { recursive: true, force: true });
  };
  try {
    await manager.start();
  } catch (error) {
    await close();
    throw error instanceof Error ? redactError(error, redact) : error;
  }
  return { plugins, engine, manager, logger, hostRoot, redact, close };
}
