import { parsePlanJson } from '../plan/plan-json.ts';

/** JSON strings, and beside them the words that DuckDB writes for doubles which JSON lacks. */
const STRING_OR_SPECIAL = /"(?:[^"\\]|\\.)*"|-?\b(?:Infinity|NaN|inf|nan)\b/gi;

/**
 * Parses what DuckDB serialized, with all digits of integers. A constant such as `1e999` can make it invalid JSON even so; such numbers are
 * read as null, and large ones lose digits then.
 */
export function parseSerialized(text: string): unknown {
  try {
    return parsePlanJson(text);
  } catch {
    return JSON.parse(text.replace(STRING_OR_SPECIAL, (found) => (found.startsWith('"') ? found : 'null')));
  }
}
