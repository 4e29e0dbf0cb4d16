import { isDeepStrictEqual } from 'node:util';
import type { Located } from './config-model.ts';

/** Whether two entries of a configuration mean the same, secrets included, wherever they stand. */
export function isSameDefinition(left: Located, right: Located): boolean {
  return isDeepStrictEqual(toComparable(left), toComparable(right));
}

/** Without places in files; parameters in the order of their names, as theirs means nothing. */
function toComparable(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(([key, member]) => [key, toComparable(member)]).sort(byKey);
  if (Array.isArray(value)) return value.map(toComparable);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name]) => name !== 'location');
  return Object.fromEntries(members.map(([name, member]) => [name, toComparable(member)]));
}

function byKey([left]: unknown[], [right]: unknown[]): number {
  return String(left) < String(right) ? -1 : 1;
}
