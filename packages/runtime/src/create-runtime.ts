import type { Logger } from '@millrace/core';
import type { PluginRegistry } from '@millrace/core/registry';
import type { Clock } from './acceleration/clock.ts';
import type { RefreshListener, RefreshProgress } from './acceleration/refresh-event.ts';
import { assembleRuntime } from './assemble-runtime.ts';
import type { RuntimeConfigInput } from './config/index.ts';
import { Runtime } from './runtime.ts';

/** What a runtime is made from: one of `config` and `configPath`. */
export interface RuntimeOptions {
  /** The configuration as an object, with the keys of `millrace.yaml`. */
  readonly config?: RuntimeConfigInput;
  /** A configuration file; default `millrace.yaml` in the working folder where `config` is absent. */
  readonly configPath?: string;
  /** The folder from which relative paths in `config` count; default the working folder. */
  readonly baseDirectory?: string;
  /** The folder whose `package.json` declares the plugins; default the nearest one above the configuration. */
  readonly hostRoot?: string;
  /** The plugins themselves, instead of discovering them: for bundles and tests. */
  readonly registry?: PluginRegistry;
  /**
   * Reloads the configuration file whenever it changes, as {@link Runtime.reload} does; what that fails with is logged. Files that it names
   * (`sql_ref`, `.env`) are not watched. Default false.
   */
  readonly watchConfig?: boolean;
  /** Default: warnings and errors on standard error. */
  readonly logger?: Logger;
  /** Closes the runtime; while it is still being made, that fails with `cancelled`. */
  readonly signal?: AbortSignal;
  /** As `runtime.memory_limit` of the configuration, which this goes before: `4GiB`, `50%`. */
  readonly memoryLimit?: string;
  /** Threads of the query engine; default one for each core. */
  readonly threads?: number;
  /** Folder for accelerated data whose place is not configured; default `.millrace` beside the configuration. */
  readonly dataDirectory?: string;
  /** Told while datasets load. */
  readonly onProgress?: RefreshProgress;
  /** Told of every refresh from the first one on; see {@link Runtime.onRefreshEvent}. */
  readonly onRefreshEvent?: RefreshListener;
  /** `on` puts the text of statements, and of what sources are asked for, into OpenTelemetry spans as `db.query.text`; default `off`. */
  readonly traceQueryText?: 'on' | 'off';
  /** Time and chance of refreshes, for tests; default those of the machine. */
  readonly clock?: Clock;
}

/**
 * Reads the configuration, finds the plugins, connects the datasets and starts loading the accelerated ones.
 *
 * A dataset whose source cannot be reached does not keep the others from working: its state says `error`, and a query that names
 * it gets that error. The configuration itself has to be right.
 *
 * @throws MillraceError `invalid_config`, `unknown_field`, `unknown_connector`, `unknown_parameter` and the like, with the place in the
 * file; `cancelled`.
 */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const runtime = new Runtime(await assembleRuntime(options));
  const { signal } = options;
  if (signal?.aborted) await runtime.close();
  else signal?.addEventListener('abort', () => void runtime.close(), { once: true });
  return runtime;
}
