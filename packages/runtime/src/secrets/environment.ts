import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';

/** Looks up environment variables; undefined means that there is none of that name. */
export interface Environment {
  get(name: string): string | undefined;
  /** Names of the files that exist and yet could not be read, for a warning. */
  readonly unreadableFiles: readonly string[];
}

/** Where an {@link Environment} looks. */
export interface EnvironmentSources {
  /** The folder of `.env` and `.env.local`. */
  readonly directory: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * Opens the environment: the process's variables, then `.env.local`, then `.env`; the first that has the name wins,
 * also with an empty value. The process's variables are never changed.
 *
 * A name is looked up as it is written and then in upper case, as Spice does.
 */
export async function openEnvironment({ directory, variables }: EnvironmentSources): Promise<Environment> {
  const unreadableFiles: string[] = [];
  const layers = [variables];
  for (const name of ['.env.local', '.env']) {
    const text = await readOptional(join(directory, name));
    if (text === 'unreadable') unreadableFiles.push(name);
    else if (text !== undefined) layers.push(parse(text.content));
  }
  const lookUp = (name: string): string | undefined => {
    const layer = layers.find((candidate) => Object.hasOwn(candidate, name) && candidate[name] !== undefined);
    return layer?.[name];
  };
  return { get: (name) => lookUp(name) ?? lookUp(name.toUpperCase()), unreadableFiles };
}

async function readOptional(path: string): Promise<{ readonly content: string } | 'unreadable' | undefined> {
  try {
    return { content: await readFile(path, 'utf8') };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unreadable';
  }
}
