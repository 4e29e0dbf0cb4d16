import { dirname, resolve } from 'node:path';
import { createProcessFolder } from '@millrace/acceleration';
import { cancelledError, type Logger, MillraceError } from '@millrace/core';
import { discoverPlugins, findHostRoot, type PluginRegistry } from '@millrace/core/registry';
import type { ConfigWatch } from './config/config-watch.ts';
import { loadConfig, type ResultsCacheConfig } from './config/index.ts';
import type { RuntimeOptions } from './create-runtime.ts';
import { DatasetManager } from './datasets/dataset-manager.ts';
import { redactingLogger, stderrLogger } from './logger.ts';
import { openMemory } from './memory/open-memory.ts';
import type { SharedMemory } from './memory/shared-memory.ts';
import { Observer } from './observability/observer.ts';
import { QueryEngine } from './query/query-engine.ts';
import { RefreshListeners } from './refresh-listeners.ts';
import { CachedQueries } from './results-cache/cached-queries.ts';
import { createResultsCacheCounts, ResultsCache } from './results-cache/results-cache.ts';
import { redactError } from './secrets/redact-error.ts';
import { watchConfig } from './watch-config.ts';

/** The parts of a running runtime. */
export interface RuntimeAssembly {
  readonly plugins: PluginRegistry;
  readonly engine: QueryEngine;
  readonly memory: SharedMemory;
  /** Answers the statements of users. */
  readonly queries: CachedQueries;
  readonly manager: DatasetManager;
  readonly logger: Logger;
  readonly hostRoot: string;
  readonly listeners: RefreshListeners;
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
  if (options.watchConfig === true && config.file === undefined)
    throw new MillraceError({
      code: 'invalid_argument',
      component: 'runtime',
      message: '`watchConfig` needs a configuration file, and there is an object',
      hint: 'Give configPath, or leave watchConfig out.',
    });
  const redact = (text: string) => config.redactor.redact(text);
  const logger = redactingLogger(options.logger ?? stderrLogger, redact);
  for (const { message } of config.warnings) logger.warn(message);
  const configFolder = config.file ? dirname(config.file) : config.baseDirectory;
  const hostRoot = options.hostRoot ?? findHostRoot(configFolder) ?? configFolder;
  const plugins = options.registry ?? discoverPlugins({ hostRoot });
  const memory = await openMemory(config, options.memoryLimit);
  const { budget } = memory;
  const spills = await createProcessFolder('spill');
  const observer = new Observer({ redact, queryText: options.traceQueryText ?? 'off' });
  const { threads = memory.threads } = options;
  const engine = await QueryEngine.open({
    observer,
    memory: memory.engine,
    planningMemoryLimit: memory.planningLimit,
    tempDirectory: spills.path,
    redact,
    ...(threads === undefined ? {} : { threads }),
  }).catch(async (error: unknown) => {
    await spills.remove();
    throw error;
  });
  const listeners = new RefreshListeners({ options, redact, logger });
  listeners.add(observer.activity.hear);
  const { clock } = options;
  const counts = createResultsCacheCounts();
  const toResultsCache = (settings: ResultsCacheConfig | undefined): ResultsCache | undefined =>
    settings && new ResultsCache(settings, clock && (() => clock.now()), counts);
  const queries = new CachedQueries(engine, toResultsCache(config.resultsCache));
  const onEvent = listeners.tell;
  const cacheResults = (settings: ResultsCacheConfig | undefined): void => {
    queries.useCache(toResultsCache(settings));
    memory.resultsCache.resize(settings?.maxBytes ?? 0).catch((error: unknown) => {
      queries.useCache(undefined);
      logger.warn(`results are not kept: ${error instanceof Error ? error.message : String(error)}`);
    });
  };
  const manager = new DatasetManager({
    ...options,
    config,
    plugins,
    engine,
    memory: budget,
    logger,
    onEvent,
    cacheResults,
  });
  let watch: ConfigWatch | undefined;
  const close = async () => {
    const watched = watch?.[Symbol.asyncDispose]();
    queries.close();
    // Statements and refreshes end before what they read from is closed.
    await Promise.all([manager.stop(), engine.stop()]);
    observer.close();
    await watched;
    await manager[Symbol.asyncDispose]();
    await engine.close();
    await spills.remove();
  };
  const stop = () => void manager.stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  if (options.signal?.aborted) stop();
  try {
    await manager.start();
    options.signal?.throwIfAborted();
    if (options.watchConfig === true && config.file !== undefined)
      watch = watchConfig({ file: config.file, manager, logger });
  } catch (error) {
    await close();
    if (options.signal?.aborted) throw cancelledError('runtime', options.signal);
    throw error instanceof Error ? redactError(error, redact) : error;
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
  return { plugins, engine, memory: budget, queries, manager, logger, hostRoot, listeners, redact, close };
}
