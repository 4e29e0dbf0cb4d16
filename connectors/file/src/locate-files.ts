import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { MillraceError, nearestName } from '@millrace/core';
import { glob, isDynamicPattern } from 'tinyglobby';
import { type FileVersion, toFileVersion } from './file-version.ts';

/** Which files a dataset stands for. */
export interface FileLocation {
  /** As behind `file:` in the configuration: a path or a glob, relative to the base directory. `//` in front is dropped. */
  readonly path: string;
  readonly baseDirectory: string;
  /** What asks, for messages. */
  readonly component: string;
}

/**
 * Lists the files that a path or glob means at this moment, sorted by path (bytes of UTF-16). A path that exists as it is
 * written counts as a path, whatever characters of a glob it holds. Hidden files match only a pattern that names the dot.
 *
 * @throws MillraceError `not_found` with the nearest name, `unauthorized`, `invalid_argument` for a folder, and for a
 * glob that matches nothing `not_found`.
 */
export async function locateFiles(location: FileLocation): Promise<readonly FileVersion[]> {
  const path = location.path.replace(/^\/\//, '');
  if (path.trim() === '')
    throw fileError(location, {
      code: 'invalid_argument',
      message: 'no file is named',
      hint: 'Write its path or a pattern behind the connector, for example file:data/orders.csv',
    });
  const absolute = resolve(location.baseDirectory, path);
  const single = await stat(absolute, { bigint: true }).catch((error: unknown) => ({ error }));
  if (!('error' in single)) {
    if (single.isDirectory()) throw directoryError(location, absolute);
    await access(absolute, constants.R_OK).catch((error: unknown) => {
      throw fileSystemError(location, absolute, error);
    });
    return [toFileVersion(absolute, single)];
  }
  if (!isDynamicPattern(path)) throw await missingError(location, absolute, single.error);
  const found = await glob(path, {
    cwd: location.baseDirectory,
    absolute: true,
    onlyFiles: true,
    expandDirectories: false,
  });
  if (found.length === 0)
    throw fileError(location, {
      code: 'not_found',
      message: `no file matches ${path}`,
      hint: `Patterns count from ${location.baseDirectory}`,
    });
  return Promise.all(
    found
      .map((file) => resolve(file))
      .sort()
      .map((file) => versionOf(file, location)),
  );
}

async function versionOf(file: string, location: FileLocation): Promise<FileVersion> {
  try {
    await access(file, constants.R_OK);
    return toFileVersion(file, await stat(file, { bigint: true }));
  } catch (error) {
    throw fileSystemError(location, file, error);
  }
}

async function missingError(location: FileLocation, file: string, error: unknown): Promise<MillraceError> {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return fileSystemError(location, file, error);
  const folder = dirname(file);
  const names = await readdir(folder).catch(() => undefined);
  const nearest = names && nearestName(basename(file), names);
  return fileError(location, {
    code: 'not_found',
    message: names === undefined ? `there is no folder ${folder}` : `there is no file ${file}`,
    hint: nearest === undefined ? `Paths count from ${location.baseDirectory}` : `Did you mean ${nearest}?`,
    cause: error,
  });
}

function directoryError(location: FileLocation, folder: string): MillraceError {
  return fileError(location, {
    code: 'invalid_argument',
    message: `${folder} is a folder`,
    hint: `Name the files in it with a pattern, for example file:${location.path.replace(/\/+$/, '')}/*.parquet`,
  });
}

/** The error of a call to the file system. */
export function fileSystemError(
  { component }: Pick<FileLocation, 'component'>,
  file: string,
  error: unknown,
): MillraceError {
  const system = (error as NodeJS.ErrnoException | null)?.code;
  switch (system) {
    case 'ENOENT':
    case 'ENOTDIR':
      return fileError({ component }, { code: 'not_found', message: `there is no file ${file}`, cause: error });
    case 'EACCES':
    case 'EPERM':
      return fileError(
        { component },
        {
          code: 'unauthorized',
          message: `${file} may not be read`,
          hint: 'Give the user of this process the right to read it',
          cause: error,
        },
      );
    default:
      return fileError(
        { component },
        { code: 'io', message: `${file} cannot be read (${system ?? 'unknown cause'})`, cause: error },
      );
  }
}

function fileError(
  { component }: Pick<FileLocation, 'component'>,
  details: Omit<ConstructorParameters<typeof MillraceError>[0], 'component'>,
): MillraceError {
  return new MillraceError({ component, connector: 'file', ...details });
}
