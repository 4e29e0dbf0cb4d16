/** An object of a parsed statement, as `json_serialize_sql` writes it. */
export type SyntaxNode = Readonly<Record<string, unknown>>;

/** The value as a node; undefined for anything but a plain object. */
export function asNode(value: unknown): SyntaxNode | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as SyntaxNode) : undefined;
}

/** The value's items; none for anything but an array. */
export function asItems(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A member that is a text; undefined for an absent or empty one. */
export function textOf(node: SyntaxNode | undefined, member: string): string | undefined {
  const value = node?.[member];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
