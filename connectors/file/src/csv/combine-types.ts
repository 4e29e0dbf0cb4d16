const INTEGERS: ReadonlySet<string> = new Set(['BIGINT', 'HUGEINT']);

/**
 * The type that holds the values of both, as text or exactly. The sniffer knows few types; those of different kinds have only
 * text in common, which keeps every value as it is written.
 */
export function combineTypes(left: string, right: string): string {
  if (left === right) return left;
  const pair = new Set([left, right]);
  if (pair.has('DOUBLE') && [left, right].some((type) => INTEGERS.has(type))) return 'DOUBLE';
  return 'VARCHAR';
}
