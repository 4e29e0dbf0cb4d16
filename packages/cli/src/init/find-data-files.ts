import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const DATA_FILE = /\.(parquet|pq|((csv|tsv|json|ndjson|jsonl)(\.gz|\.zst)?)|arrow|arrows|feather|ipc)$/i;
/** Files of tools, which end like data. */
const TOOL_FILE =
  /^(package|package-lock|npm-shrinkwrap|composer|deno|lerna|nx|project|turbo|biome|jsconfig|renovate|tsconfig.*|.*\.config|.*rc)\.json$/i;
const TOOL_FOLDERS: ReadonlySet<string> = new Set([
  'node_modules',
  'dist',
  'build',
  'coverage',
  'src',
  'test',
  'tests',
]);

/** More would not make a configuration that anyone wants to read. */
const MAX_FILES = 50;
/** The folder itself and this many levels below it. */
const MAX_DEPTH = 2;

/** Data files in a folder and a little below it, as paths from there with `/`, sorted; at most 50. */
export async function findDataFiles(folder: string): Promise<readonly string[]> {
  const found = await search(folder, '', 0);
  return found.sort().slice(0, MAX_FILES);
}

async function search(folder: string, prefix: string, depth: number): Promise<string[]> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true });
  const nested = entries.map(async (entry): Promise<string[]> => {
    const path = `${prefix}${entry.name}`;
    if (entry.name.startsWith('.')) return [];
    if (entry.isDirectory())
      return depth < MAX_DEPTH && !TOOL_FOLDERS.has(entry.name) ? searchIfReadable(folder, `${path}/`, depth + 1) : [];
    return entry.isFile() && DATA_FILE.test(entry.name) && !TOOL_FILE.test(entry.name) ? [path] : [];
  });
  return (await Promise.all(nested)).flat();
}

/** A folder that may not be read has no data for us; the one that was named has to be readable. */
function searchIfReadable(folder: string, prefix: string, depth: number): Promise<string[]> {
  return search(folder, prefix, depth).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'ENOENT') return [];
    throw error;
  });
}
