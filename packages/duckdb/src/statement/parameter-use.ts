import { MillraceError } from '@millrace/core';
import { asciiLowerCase } from './ascii-lower-case.ts';
import { tokenizeSql } from './sql-token.ts';

/**
 * One parameter of a statement, however often it is used: `?` and `$1` by position, counted from 1, or `$name` by name.
 *
 * A name is spelled as at its first use; DuckDB compares names without regard to case.
 */
export type ParameterUse =
  | { readonly kind: 'positional'; readonly position: number }
  | { readonly kind: 'named'; readonly name: string };

/** A parameter where it stands in the text. */
export interface ParameterToken {
  readonly start: number;
  readonly end: number;
  readonly parameter: ParameterUse;
  /** It stands right behind the word IN, where the grammar takes a parameter or a call and no constant. */
  readonly afterIn: boolean;
}

type Style = '?' | '$1' | '$name';

/**
 * Finds every place where a statement uses a parameter, in the order of the text.
 *
 * @throws MillraceError `sql_refused` when `?`, `$1` and `$name` are mixed, as their numbering would be a guess.
 */
export function findParameters(sql: string): readonly ParameterToken[] {
  const found: ParameterToken[] = [];
  let previous = '';
  const names = new Map<string, string>();
  let style: Style | undefined;
  for (const token of tokenizeSql(sql)) {
    const text = sql.slice(token.start, token.end);
    const afterIn = previous.length === 2 && previous.toLowerCase() === 'in';
    previous = text;
    if (token.kind !== 'parameter') continue;
    const own = styleOf(text);
    style ??= own;
    if (own !== style) throw mixedStyles(style, own);
    found.push({
      start: token.start,
      end: token.end,
      parameter: readParameter({ text, style, ordinal: found.length + 1, names }),
      afterIn,
    });
  }
  return found;
}

/** The distinct parameters: positions in rising order, names in the order of their first use. */
export function distinctParameters(found: readonly ParameterToken[]): readonly ParameterUse[] {
  const uses = new Map(found.map(({ parameter }) => [parameterKey(parameter), parameter]));
  return [...uses.values()].sort((a, b) =>
    a.kind === 'positional' && b.kind === 'positional' ? a.position - b.position : 0,
  );
}

/** How DuckDB calls the parameter: its position in digits, or its name. */
export function parameterKey(parameter: ParameterUse): string {
  return parameter.kind === 'positional' ? String(parameter.position) : parameter.name;
}

function styleOf(text: string): Style {
  if (text === '?') return '?';
  return /^[$?][0-9]/.test(text) ? '$1' : '$name';
}

function readParameter(request: {
  readonly text: string;
  readonly style: Style;
  readonly ordinal: number;
  readonly names: Map<string, string>;
}): ParameterUse {
  switch (request.style) {
    case '?':
      return { kind: 'positional', position: request.ordinal };
    case '$1':
      return { kind: 'positional', position: Number(request.text.slice(1)) };
    case '$name': {
      const name = request.text.slice(1);
      const folded = asciiLowerCase(name);
      request.names.set(folded, request.names.get(folded) ?? name);
      return { kind: 'named', name: request.names.get(folded) ?? name };
    }
  }
}

function mixedStyles(first: Style, second: Style): MillraceError {
  return new MillraceError({
    code: 'sql_refused',
    component: 'sql',
    message: `the statement mixes parameters of the forms ${first} and ${second}`,
    hint: 'Use one form throughout: ? or $1 with an array of values, $name with an object',
  });
}
