import { readFileSync, statSync } from 'node:fs';

/** Larger files are not read: a manifest is a few kilobytes, and discovery opens every dependency's. */
export const MAX_PACKAGE_JSON_BYTES: number = 1024 * 1024;

/** The members of a package.json that discovery looks at. */
export interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly packageManager?: string;
  /** The manifest, unchecked. */
  readonly millrace?: unknown;
  /** Unchecked. */
  readonly exports?: unknown;
  /** Unchecked. */
  readonly files?: unknown;
}

const UNCHECKED: readonly string[] = ['millrace', 'exports', 'files'] satisfies readonly (keyof PackageJson)[];

/** Thrown by {@link readPackageJson} for a file above {@link MAX_PACKAGE_JSON_BYTES}. */
export class PackageJsonTooLarge extends Error {}

/**
 * Reads a package.json, with or without a byte order mark. Members of the wrong type count as absent.
 *
 * @throws PackageJsonTooLarge, SyntaxError, or the file system's error.
 */
export function readPackageJson(file: string): PackageJson {
  if (statSync(file).size > MAX_PACKAGE_JSON_BYTES) throw new PackageJsonTooLarge('package.json is larger than 1 MiB');
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  if (!isRecord(parsed)) throw new SyntaxError('package.json is not an object');
  return {
    ...texts(parsed, ['name', 'version', 'packageManager']),
    ...nameTables(parsed, ['dependencies', 'optionalDependencies', 'peerDependencies', 'devDependencies']),
    ...Object.fromEntries(UNCHECKED.filter((key) => key in parsed).map((key) => [key, parsed[key]])),
  };
}

/** Tells whether a value is an object with members, and not an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function texts(source: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    keys.map((key) => [key, source[key]]).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

function nameTables(
  source: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): Record<string, Readonly<Record<string, string>>> {
  const tables: Record<string, Readonly<Record<string, string>>> = {};
  for (const key of keys) {
    const table = source[key];
    if (isRecord(table)) tables[key] = texts(table, Object.keys(table));
  }
  return tables;
}
