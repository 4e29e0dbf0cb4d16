/**
 * The name of a table at its source: zero or more namespaces, outermost first, and the table.
 *
 * Spelled exactly as the source spells it. Core never folds case; folding belongs to the SQL front end.
 */
export interface TableReference {
  readonly namespace: readonly string[];
  readonly name: string;
}
