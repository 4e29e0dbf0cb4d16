import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const DATA_FOLDER = '.millrace/';

/** Adds the folder of local copies to `.gitignore`, unless it is there; tells what was done. */
export async function ignoreDataFolder(folder: string): Promise<'added' | 'present'> {
  const file = join(folder, '.gitignore');
  const text = await readIfThere(file);
  const isPresent = text.split(/\r?\n/).some((line) => /^\/?\.millrace\/?$/.test(line.trim()));
  if (isPresent) return 'present';
  const separator = text === '' || text.endsWith('\n') ? '' : '\n';
  await writeFile(file, `${text}${separator}${DATA_FOLDER}\n`);
  return 'added';
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
