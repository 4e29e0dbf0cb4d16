import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { RuntimeConfigInput } from './config-input.ts';
import type { ConfigNode } from './config-node.ts';
import { toError } from './config-problem.ts';
import { readObject } from './read-object.ts';
import { readYaml } from './read-yaml.ts';

/** Where a configuration comes from: a file, or an object. */
export type ConfigSource =
  | {
      /** A YAML (or JSON) file; relative to the working folder. */
      readonly configPath: string;
    }
  | {
      readonly config: RuntimeConfigInput;
      /** The folder from which relative paths count, and in which `.env` is looked for. Default: the working folder. */
      readonly baseDirectory?: string;
    };

/** A configuration that was read and not checked. */
export interface ReadConfig {
  readonly root: ConfigNode;
  /** Absolute; absent for an object. */
  readonly file?: string;
  readonly baseDirectory: string;
}

/** Reads a configuration into nodes. @throws MillraceError `not_found`, `io`, `invalid_config`. */
export async function readConfigSource(source: ConfigSource): Promise<ReadConfig> {
  if ('configPath' in source) {
    const file = resolve(source.configPath);
    const shown = toShownPath(file);
    const text = await readText(file, shown);
    return { root: readYaml({ text, file: shown }), file, baseDirectory: dirname(file) };
  }
  return { root: readObject(source.config), baseDirectory: resolve(source.baseDirectory ?? '.') };
}

/** The path in messages and places: from the working folder if the file is in there, absolute otherwise. */
export function toShownPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path) ? file : path;
}

async function readText(file: string, shown: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw describeFailure(shown, cause);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const message = `${shown} is not text in UTF-8`;
    throw toError({ code: 'invalid_config', message, hint: 'Name a YAML file', cause });
  }
}

function describeFailure(path: string, cause: unknown): Error {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const hint = 'Name another with --config or `configPath`, or create one with `millrace init`';
    return toError({ code: 'not_found', message: `the file ${path} does not exist`, hint, cause });
  }
  if (code === 'EISDIR') {
    return toError({ code: 'invalid_config', message: `${path} is a folder`, hint: 'Name the file in it', cause });
  }
  const message = `reading the file ${path} failed${code ? ` with ${code}` : ''}`;
  return toError({ code: 'io', message, hint: 'Check the path and its permissions', cause });
}
