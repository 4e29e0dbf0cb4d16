/** Folds A to Z and nothing else, as DuckDB does where it compares names. */
export function asciiLowerCase(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
