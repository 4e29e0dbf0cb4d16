import type { BoundValue, QueryParameters } from '@millrace/duckdb';

/**
 * Turns a tagged template into a statement with bound values: SELECT … WHERE a = ${x} becomes `WHERE a = $1` and `[x]`.
 * Values never become part of the text.
 */
export function toStatement(
  strings: TemplateStringsArray,
  values: readonly BoundValue[],
): { readonly sql: string; readonly parameters?: QueryParameters } {
  const sql = strings.reduce((text, part, index) => `${text}$${index}${part}`);
  return values.length === 0 ? { sql } : { sql, parameters: values };
}

/** Tells a call as a template tag from a call as a function. */
export function isTemplate(value: unknown): value is TemplateStringsArray {
  return Array.isArray(value) && Object.hasOwn(value, 'raw');
}
