import { chmod, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Who has no rights beyond those of everybody. */
const NOBODY = 65_534;

/**
 * Takes away the right to write a file and its folder, as permissions do; a root, whom they do not stop, acts as another user meanwhile. The
 * result gives the right back. Undefined where this process can do neither.
 */
export async function makeReadOnly(path: string): Promise<(() => Promise<void>) | undefined> {
  const isRoot = process.getuid?.() === 0;
  if (process.getuid === undefined || (isRoot && process.seteuid === undefined)) return undefined;
  const folder = dirname(path);
  const above = dirname(folder);
  const places = [path, folder, above];
  const before = await Promise.all(places.map(async (place) => (await stat(place)).mode));
  await chmod(path, 0o444);
  await chmod(folder, 0o555);
  // Folders for temporary files let nobody but their owner in, and what cannot be found is not what is tested.
  await chmod(above, 0o755);
  if (isRoot) process.seteuid!(NOBODY);
  return async () => {
    if (isRoot) process.seteuid!(0);
    for (const [index, place] of places.entries()) await chmod(place, before[index]!);
  };
}

/** Overwrites the start of a file, as a torn disk does. */
export async function damageFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    await file.write(new Uint8Array(Math.min(size, 16_384)).fill(0xa5), 0, undefined, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
