/** One form of query, with what its scans are expected to ask for where that is the point of the form. */
export interface Shape {
  readonly sql: string;
  /** Filters by table (`expressionText`, joined by ` & `); a table that is not named is not looked at. */
  readonly filters?: Readonly<Record<string, string>>;
  readonly columns?: Readonly<Record<string, string>>;
  /** Limit by table, with its order: `5`, `15 by a desc`; `none` for no limit. */
  readonly limit?: Readonly<Record<string, string>>;
}
