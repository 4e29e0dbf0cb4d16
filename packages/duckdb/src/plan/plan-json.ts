/** A node of a serialized plan or statement: its members are read one by one, as their shapes are DuckDB's own. */
export type PlanNode = { readonly [key: string]: unknown };

/**
 * Parses what `json_serialize_plan` and `json_serialize_sql` return without losing a digit.
 *
 * DuckDB writes 64-bit integers in full, which `JSON.parse` rounds, and bare `NaN` and `Infinity`, which are not JSON. Both
 * become strings here; integers of up to 15 digits stay numbers. Whether a string is one of these follows from the type
 * beside it: a text never stands where a number does.
 *
 * @throws SyntaxError when the text is no JSON even so; a BIT constant makes DuckDB return an empty text.
 */
export function parsePlanJson(text: string): unknown {
  return JSON.parse(text.replace(UNSAFE, (match) => (match.startsWith('"') ? match : `"${match}"`)));
}

/** A whole string (kept as it is), an integer of 16 digits or more, or a number that JSON lacks. */
const UNSAFE = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])|-?Infinity|NaN/g;

/** The value as a node, or undefined when it is none. */
export function asNode(value: unknown): PlanNode | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as PlanNode) : undefined;
}

/** The nodes of a list; an absent list is empty, because DuckDB is told to skip empty ones. */
export function asNodes(value: unknown): readonly PlanNode[] {
  return Array.isArray(value) ? value.map(asNode).filter((node) => node !== undefined) : [];
}

/** A text member, or undefined. */
export function textOf(node: PlanNode | undefined, key: string): string | undefined {
  const value = node?.[key];
  return typeof value === 'string' ? value : undefined;
}

/** An integer that may have been marked as a string, or undefined. */
export function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : undefined;
}

/** A member that indexes a list, or undefined; DuckDB's invalid index (2^64-1) is undefined too. */
export function indexOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
