import { type DataType, dataTypes, type ScalarFunction } from '@millrace/core';
import type { FunctionWriter, WrittenCall } from './function-writer.ts';
import { type PatternPart, writeLikePattern } from './translate/like-pattern.ts';

/**
 * The functions of the vocabulary as standard SQL writes them. A dialect spreads them and replaces what its source spells otherwise;
 * whether one means the same there is the profile's word, not this table's. `cast` is absent, as type names differ: see {@link castWriter}.
 *
 * Prefixes, suffixes and infixes are written as LIKE with an escaped pattern; a source with a function of its own for them replaces it.
 */
export const ansiFunctions: Readonly<Partial<Record<ScalarFunction, FunctionWriter>>> = {
  like: ({ call, args: [value, pattern] }) => {
    const mark = call.args[2];
    return mark?.kind === 'literal' ? `(${value} LIKE ${pattern} ESCAPE '${String(mark.value)}')` : undefined;
  },
  starts_with: matchText((part) => [part, { kind: 'any_run' }]),
  ends_with: matchText((part) => [{ kind: 'any_run' }, part]),
  contains: matchText((part) => [{ kind: 'any_run' }, part, { kind: 'any_run' }]),
  add: infix('+'),
  sub: infix('-'),
  mul: infix('*'),
  div: infix('/'),
  mod: infix('%'),
  neg: ({ args: [value] }) => `(- ${value})`,
  coalesce: named('COALESCE'),
  case: ({ args }) => {
    const branches: string[] = [];
    for (let index = 0; index + 1 < args.length; index += 2)
      branches.push(`WHEN ${args[index]} THEN ${args[index + 1]}`);
    return `(CASE ${branches.join(' ')} ELSE ${args.at(-1)} END)`;
  },
  lower: named('LOWER'),
  upper: named('UPPER'),
  length: named('CHAR_LENGTH'),
  substr: ({ args: [value, start, length] }) =>
    `SUBSTRING(${value} FROM ${start}${length === undefined ? '' : ` FOR ${length}`})`,
};

/** Writes a call as `name(a, b)`. */
export function named(name: string): FunctionWriter {
  return ({ args }) => `${name}(${args.join(', ')})`;
}

/** Writes a call of two arguments as `(a operator b)`. */
export function infix(operator: string): FunctionWriter {
  return ({ args: [left, right] }) => `(${left} ${operator} ${right})`;
}

/** Writes `CAST(a AS type)`; undefined for types without a name at the source. */
export function castWriter(typeName: (type: DataType) => string | undefined): FunctionWriter {
  return ({ call, args: [value] }) => {
    const name = typeName(call.type);
    return name === undefined ? undefined : `CAST(${value} AS ${name})`;
  };
}

function matchText(toPattern: (part: PatternPart) => readonly PatternPart[]): FunctionWriter {
  return ({ call, args: [value], bind }: WrittenCall) => {
    const part = call.args[1];
    if (part?.kind !== 'literal' || typeof part.value !== 'string') return undefined;
    const { pattern, escapeCharacter } = writeLikePattern(toPattern({ kind: 'text', text: part.value }));
    return `(${value} LIKE ${bind({ value: pattern, type: dataTypes.utf8() })} ESCAPE '${escapeCharacter}')`;
  };
}
