import { dirname, resolve } from 'node:path';
import { findHostRoot } from '@millrace/core/registry';
import type { CommandLineIo } from './command-line-io.ts';

/** What every command works with. */
export interface CommandContext {
  readonly io: CommandLineIo;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** The configuration file, absolute; it need not exist. */
  readonly configPath: string;
  /** The folder whose package.json declares the plugins. */
  readonly hostRoot: string;
}

/** The options that every command takes. */
export interface GlobalOptions {
  readonly config: string;
  readonly hostRoot?: string;
  readonly debug?: boolean;
}

/** Turns the options into the context; nothing is read but the places of package.json files. */
export function createCommandContext(io: CommandLineIo, options: GlobalOptions, signal: AbortSignal): CommandContext {
  const configPath = resolve(options.config);
  const folder = dirname(configPath);
  const hostRoot = options.hostRoot === undefined ? (findHostRoot(folder) ?? folder) : resolve(options.hostRoot);
  return { io, signal, configPath, hostRoot };
}
