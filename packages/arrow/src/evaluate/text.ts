import { lowerCharacter, upperCharacter } from './case-mapping.ts';
import {
  type CallCompiler,
  type Compiled,
  compiledBinary,
  compiledCall,
  compiledUnary,
  literalOf,
} from './compiled.ts';
import { compileLike } from './like.ts';
import { valueForm } from './value-form.ts';

/** `like`; the pattern and its escape must be literals. */
export const compileLikeCall: CallCompiler = (call, [text, pattern, escapeCharacter]) => {
  if (text === undefined || pattern === undefined || escapeCharacter === undefined || !isText(text)) return undefined;
  const patternText = literalOf(pattern);
  const escapeText = literalOf(escapeCharacter);
  if (patternText === null || escapeText === null) return compiledCall(call, [text], () => () => null);
  if (typeof patternText !== 'string' || typeof escapeText !== 'string') return undefined;
  const matches = compileLike(patternText, escapeText);
  return matches === undefined ? undefined : compiledUnary(call, text, (value) => matches(value as string));
};

/** `starts_with`, `ends_with`, `contains`: the second argument is taken literally. */
export const compileTextTest: CallCompiler = (call, args) => {
  const [text, part] = args;
  if (args.length !== 2 || text === undefined || part === undefined || !isText(text) || !isText(part)) return undefined;
  const test = TESTS[call.function]!;
  return compiledBinary(call, [text, part], (a, b) => test(a as string, b as string));
};

/** `lower` and `upper`: one code point becomes one code point, in no locale. */
export const compileCaseMapping: CallCompiler = (call, [text, ...rest]) => {
  if (text === undefined || rest.length > 0 || !isText(text)) return undefined;
  const map = call.function === 'lower' ? lowerCharacter : upperCharacter;
  return compiledUnary(call, text, (value) => mapCharacters(value as string, map));
};

/** `length`: code points. */
export const compileLength: CallCompiler = (call, [text, ...rest]) => {
  if (text === undefined || rest.length > 0 || !isText(text) || valueForm(call.type) !== 'long') return undefined;
  return compiledUnary(call, text, (value) => BigInt(codePointCount(value as string)));
};

/** `substr(text, start[, length])`: code points from 1; a negative start counts from the end, a negative length goes back from it. */
export const compileSubstring: CallCompiler = (call, args) => {
  const [text, start, length] = args;
  if (text === undefined || start === undefined || args.length > 3 || !isText(text)) return undefined;
  if (![start, ...(length === undefined ? [] : [length])].every(isWholeNumber)) return undefined;
  return compiledCall(call, args, ([readText, readStart, readLength]) => (row) => {
    const value = readText!(row);
    const first = readStart!(row);
    const count = readLength === undefined ? Number.MAX_SAFE_INTEGER : readLength(row);
    if (value === null || first === null || count === null) return null;
    return substring(value as string, Number(first), Number(count));
  });
};

/** The engine's `substring`, by code points. */
function substring(text: string, start: number, length: number): string {
  const characters = [...text];
  let from = start > 0 ? start - 1 : start < 0 ? characters.length + start : -1;
  let end: number;
  if (length < 0) {
    end = from;
    from += length;
    if (start === 0) end = 0;
  } else {
    end = from + length;
  }
  return characters.slice(Math.max(from, 0), Math.max(end, 0)).join('');
}

const TESTS: Readonly<Record<string, (text: string, part: string) => boolean>> = {
  starts_with: (text, part) => text.startsWith(part),
  ends_with: (text, part) => text.endsWith(part),
  contains: (text, part) => text.includes(part),
};

function mapCharacters(text: string, map: (character: string) => string): string {
  let mapped = '';
  for (const character of text) mapped += map(character);
  return mapped;
}

function codePointCount(text: string): number {
  let count = text.length;
  for (let index = 0; index + 1 < text.length; index++) {
    if ((text.charCodeAt(index) & 0xfc00) !== 0xd800 || (text.charCodeAt(index + 1) & 0xfc00) !== 0xdc00) continue;
    count -= 1;
    index += 1;
  }
  return count;
}

function isText(arg: Compiled): boolean {
  return valueForm(arg.type) === 'text';
}

function isWholeNumber(arg: Compiled): boolean {
  const form = valueForm(arg.type);
  return form === 'integer' || form === 'long';
}
