import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';

/** A file inside a package, or the reason why it is refused. */
export type ContainedFile =
  | { readonly kind: 'found'; readonly file: string }
  | { readonly kind: 'invalid' | 'escapes' | 'missing' };

/**
 * Finds a file that a manifest names, and makes sure that it lies inside the package's folder (absolute, without links).
 *
 * Checks the text first, so that the answer does not depend on what happens to lie beside the package, and then the real
 * path, so that a link does not lead out either.
 */
export function containedFile(directory: string, relative: string): ContainedFile {
  if (!relative.startsWith('./')) return { kind: 'invalid' };
  const file = path.join(directory, relative);
  if (!isInside(directory, file)) return { kind: 'escapes' };
  try {
    const real = realpathSync(file);
    if (!isInside(directory, real)) return { kind: 'escapes' };
    return statSync(real).isFile() ? { kind: 'found', file: real } : { kind: 'missing' };
  } catch {
    return { kind: 'missing' };
  }
}

function isInside(directory: string, file: string): boolean {
  const relative = path.relative(directory, file);
  return relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}
