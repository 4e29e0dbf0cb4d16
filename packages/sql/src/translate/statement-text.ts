import { MillraceError } from '@millrace/core';
import type { Dialect } from '../dialect.ts';
import type { BoundParameter, SqlText } from '../sql-text.ts';

/**
 * Stands for a bound value in SQL under construction. A statement's placeholders are numbered only when it is whole, in the order of the
 * text, so that writers may reorder, repeat and drop arguments in dialects with `?` as with `$1`.
 */
export interface ParameterMarks {
  /** Keeps a value and gives the mark that stands for it. */
  bind(parameter: BoundParameter): string;
  /** The values behind the marks of a text, in order; one that is marked twice comes twice. */
  parametersOf(text: string): readonly BoundParameter[];
  /** Puts placeholders in the place of marks; the first has the ordinal `firstOrdinal`. */
  render(text: string, dialect: Dialect, firstOrdinal: number): SqlText;
}

/** No SQL text holds a NUL: names with one are refused, and values are never written. */
const MARK = /\0(\d+)\0/g;

/** Starts a statement without bound values. */
export function createParameterMarks(): ParameterMarks {
  const bound: BoundParameter[] = [];
  return {
    bind: (parameter) => `\0${bound.push(parameter) - 1}\0`,
    parametersOf: (text) => Array.from(text.matchAll(MARK), (match) => bound[Number(match[1])]!),
    render: (text, dialect, firstOrdinal) => {
      const parameters: BoundParameter[] = [];
      const sql = text.replace(MARK, (_, index: string) => {
        const parameter = bound[Number(index)]!;
        parameters.push(parameter);
        return dialect.placeholder(firstOrdinal + parameters.length - 1, parameter);
      });
      return { sql, parameters };
    },
  };
}

/**
 * Quotes a name through the dialect.
 *
 * @throws MillraceError `invalid_argument` for a name that holds a NUL, and whatever the dialect refuses.
 */
export function quoteName(dialect: Dialect, name: string): string {
  if (!name.includes('\0')) return dialect.quoteIdentifier(name);
  throw new MillraceError({
    code: 'invalid_argument',
    component: `${dialect.name} identifier`,
    message: 'a name holds a NUL character',
    hint: 'Rename the column or table',
  });
}
