import { MillraceError } from '@millrace/core';
import type { BoundValue, QueryParameters } from '@millrace/duckdb';

/**
 * Turns a tagged template into a statement with bound values: SELECT … WHERE a = ${x} becomes `WHERE a = $1` and `[x]`.
 * Values never become part of the text, nor of a word or number that touches them.
 *
 * @throws MillraceError `sql_syntax` for a backslash that JavaScript cannot read, as in `'\u'`.
 */
export function toStatement(
  strings: TemplateStringsArray,
  values: readonly BoundValue[],
): { readonly sql: string; readonly parameters?: QueryParameters } {
  const parts: readonly (string | undefined)[] = strings;
  if (parts.includes(undefined)) {
    throw new MillraceError({
      code: 'sql_syntax',
      component: 'query',
      message: 'the template has a backslash that JavaScript takes for an escape it does not know',
      hint: 'Double the backslash.',
    });
  }
  const sql = strings.reduce((text, part, index) => `${text} $${index} ${part}`);
  return values.length === 0 ? { sql } : { sql, parameters: values };
}

/** Tells a call as a template tag from a call as a function. */
export function isTemplate(value: unknown): value is TemplateStringsArray {
  return Array.isArray(value) && Object.hasOwn(value, 'raw');
}
