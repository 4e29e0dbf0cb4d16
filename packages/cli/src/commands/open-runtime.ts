import type { Runtime } from '@millrace/runtime';
import type { CommandContext } from '../command-context.ts';
import { loadRuntimeModule, type RuntimeModule } from '../host/runtime-module.ts';
import { createStreamLogger } from '../host/stream-logger.ts';
import { LoadProgress } from '../output/load-progress.ts';

/** A running runtime and what belongs to it; the caller closes the runtime. */
export interface OpenRuntime {
  readonly module: RuntimeModule;
  readonly runtime: Runtime;
  readonly progress: LoadProgress;
}

/** Starts the runtime of the configuration file. @throws MillraceError as `createRuntime`. */
export async function openRuntime(context: CommandContext): Promise<OpenRuntime> {
  const { io, configPath, hostRoot, signal } = context;
  const module = await loadRuntimeModule(hostRoot);
  const progress = new LoadProgress(io.stderr);
  const runtime = await module.createRuntime({
    configPath,
    hostRoot,
    signal,
    logger: createStreamLogger(io.stderr, 'warn'),
    onRefreshEvent: progress.onRefreshEvent,
  });
  return { module, runtime, progress };
}
