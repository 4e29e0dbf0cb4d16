import { parsePlanJson } from '../plan/plan-json.ts';

/** JSON strings, and beside them the words that DuckDB writes for doubles which JSON lacks. */
const STRING_OR_SPECIAL = /"(?:[^"\\]|\\.)*"|-?\b(?:Infinity|NaN|inf|nan)\b/gi;

/** Longest text whose integers are read with all digits, which takes about five times as long: that of a statement with some hundred values. */
const EXACT_LENGTH = 64_000;

/**
 * Parses what DuckDB serialized. A constant such as `1e999` can make it invalid JSON; such numbers are read as null then. In a longer text, and
 * in one like that, integers beyond 2^53 lose digits, by which a reader of constants knows them.
 */
export function parseSerialized(text: string): unknown {
  try {
    return text.length > EXACT_LENGTH ? JSON.parse(text) : parsePlanJson(text);
  } catch {
    return JSON.parse(text.replace(STRING_OR_SPECIAL, (found) => (found.startsWith('"') ? found : 'null')));
  }
}
