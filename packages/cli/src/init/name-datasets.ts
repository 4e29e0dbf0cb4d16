import { posix } from 'node:path';

/**
 * A name for each file, from its own: letters, digits and `_`, no two the same in any case. A name that cannot be used (a word
 * that SQL reserves) gets `_data` behind it.
 */
export async function nameDatasets(
  files: readonly string[],
  isUsable: (name: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const taken = new Set<string>();
  const names: string[] = [];
  for (const file of files) {
    const word = toWord(file);
    const base = (await isUsable(word)) ? word : `${word}_data`;
    let name = base;
    for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${base}_${number}`;
    taken.add(name.toLowerCase());
    names.push(name);
  }
  return names;
}

function toWord(file: string): string {
  const stem = posix.basename(file).replace(/\.[a-z]+(\.(gz|zst))?$/i, '');
  const word = stem.replaceAll(/[^A-Za-z0-9_]+/g, '_').replace(/^_+|_+$/g, '');
  if (word === '') return 'data';
  return /^[A-Za-z]/.test(word) ? word : `data_${word}`;
}
