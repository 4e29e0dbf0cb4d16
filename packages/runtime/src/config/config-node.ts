import type { SourceLocation } from '@millrace/core';

/**
 * One node of a configuration before it is checked: the common form of YAML and objects.
 *
 * Beside the value it keeps what checking needs and a plain object lacks: the place in the file and the scalar's
 * source text.
 */
export type ConfigNode = MapNode | ListNode | ScalarNode;

/** A map; keys are unique and in order. */
export interface MapNode {
  readonly kind: 'map';
  readonly location?: SourceLocation | undefined;
  readonly entries: readonly MapEntry[];
}

/** One key of a map and what belongs to it. */
export interface MapEntry {
  readonly key: string;
  readonly location?: SourceLocation | undefined;
  readonly value: ConfigNode;
}

/** A list; items by position. */
export interface ListNode {
  readonly kind: 'list';
  readonly location?: SourceLocation | undefined;
  readonly items: readonly ConfigNode[];
}

/** A single value. */
export interface ScalarNode {
  readonly kind: 'scalar';
  readonly location?: SourceLocation | undefined;
  readonly value: null | boolean | number | bigint | string;
  /** The scalar as it was written, quotes apart: `0123`, `1e3`, `yes`. */
  readonly text: string;
  /** Where the text begins if its lines are lines of the file, in a column of their own; absent where it was folded or escaped. */
  readonly start?: SourceLocation | undefined;
}

/** A place in a text: line and column from 1 on. */
export type TextPlace = Pick<SourceLocation, 'line' | 'column'>;

/** Steps from a node to one below it: keys and positions. */
export type ConfigPath = readonly (string | number)[];

/** The entry of a map; undefined when there is none, or the node is no map. */
export function entryOf(node: ConfigNode | undefined, key: string): MapEntry | undefined {
  return node?.kind === 'map' ? node.entries.find((entry) => entry.key === key) : undefined;
}

/** The node below; undefined when the path leads nowhere. */
export function nodeAt(root: ConfigNode, path: ConfigPath): ConfigNode | undefined {
  let node: ConfigNode | undefined = root;
  for (const step of path) {
    if (typeof step === 'string') node = entryOf(node, step)?.value;
    else node = node?.kind === 'list' ? node.items[step] : undefined;
  }
  return node;
}

/** Where a place in the text at the end of the path stands; where that is not known, where the text does. */
export function locationInText(root: ConfigNode, path: ConfigPath, at: TextPlace): SourceLocation | undefined {
  const node = nodeAt(root, path);
  const start = node?.kind === 'scalar' ? node.start : undefined;
  if (!start) return locationAt(root, path);
  return { file: start.file, line: start.line + at.line - 1, column: start.column + at.column - 1 };
}

/**
 * Where the key at the end of the path stands (for a position: the item); if it does not exist, what is nearest
 * around it.
 */
export function locationAt(root: ConfigNode, path: ConfigPath): SourceLocation | undefined {
  let location = root.location;
  let node: ConfigNode | undefined = root;
  for (const step of path) {
    if (typeof step === 'string') {
      const entry = entryOf(node, step);
      node = entry?.value;
      location = entry?.location ?? location;
    } else {
      node = node?.kind === 'list' ? node.items[step] : undefined;
      location = node?.location ?? location;
    }
    if (!node) break;
  }
  return location;
}

/** The node as plain data. */
export function toPlainValue(node: ConfigNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(toPlainValue);
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, toPlainValue(value)]));
    default:
      return node satisfies never;
  }
}

/** A path as people write it: `datasets[0].acceleration.mode`. */
export function toFieldPath(path: ConfigPath): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}
