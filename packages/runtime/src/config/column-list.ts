const COLUMN = /\s*(?:"((?:[^"]|"")+)"|([^\s",()](?:[^",()]*[^\s",()])?))\s*/y;

/**
 * Reads `a`, `"a b"` or `(a, b)` into the names of columns; undefined for anything else, and for a column that stands twice.
 *
 * Source of the form: `primary_key` and `indexes` of Spice.
 */
export function parseColumnList(text: string): readonly string[] | undefined {
  const trimmed = text.trim();
  const isList = trimmed.startsWith('(') && trimmed.endsWith(')');
  const inner = isList ? trimmed.slice(1, -1) : trimmed;
  const columns: string[] = [];
  for (let position = 0; ; position += 1) {
    COLUMN.lastIndex = position;
    const match = COLUMN.exec(inner);
    const name = match?.[1]?.replaceAll('""', '"') ?? match?.[2];
    if (name === undefined) return undefined;
    columns.push(name);
    position = COLUMN.lastIndex;
    if (position === inner.length) break;
    if (!isList || inner[position] !== ',') return undefined;
  }
  const distinct = new Set(columns.map((name) => name.toLowerCase()));
  return distinct.size === columns.length ? columns : undefined;
}

/** Tells whether two lists name the same columns, in any order and case. */
export function haveSameColumns(left: readonly string[], right: readonly string[]): boolean {
  const normalized = (columns: readonly string[]) =>
    JSON.stringify(columns.map((name) => name.toLowerCase()).toSorted());
  return normalized(left) === normalized(right);
}
