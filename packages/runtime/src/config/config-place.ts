import type { SourceLocation } from '@millrace/core';
import { type ConfigNode, type ConfigPath, locationAt, nodeAt } from './config-node.ts';

/** How a problem names what it concerns: by the name that the entry has, if it has one. */
export function componentOf(root: ConfigNode, path: ConfigPath): string {
  if (path.length < 2 || path[0] === 'runtime') return 'configuration';
  // `datasets`, `views`, `catalogs`: without the plural.
  const kind = String(path[0]).slice(0, -1);
  const name = nodeAt(root, [...path.slice(0, 2), 'name']);
  return name?.kind === 'scalar' && name.text !== '' ? `${kind} ${name.text}` : `${kind} ${Number(path[1]) + 1}`;
}

/** Where a problem at the path is, in words and in the file. */
export function placeOf(
  root: ConfigNode,
  path: ConfigPath,
): { readonly component: string; readonly location: SourceLocation | undefined } {
  return { component: componentOf(root, path), location: locationAt(root, path) };
}
