/** JSON strings, and beside them the words that DuckDB writes for doubles which JSON lacks. */
const STRING_OR_SPECIAL = /"(?:[^"\\]|\\.)*"|-?\b(?:Infinity|NaN|inf|nan)\b/gi;

/**
 * Parses what DuckDB serialized. A constant such as `1e999` makes it invalid JSON; such numbers are read as null, and large
 * ones lose digits, as nobody looks at constants here.
 */
export function parseSerialized(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(text.replace(STRING_OR_SPECIAL, (found) => (found.startsWith('"') ? found : 'null')));
  }
}
