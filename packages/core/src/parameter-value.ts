import type { ParameterType, ParameterValue } from './parameter-spec.ts';
import { BYTES_FORM, DURATION_FORM, readBytes, readDuration } from './quantity.ts';

/** What the text of each type must look like, for messages. */
export const PARAMETER_FORMS: Readonly<Record<ParameterType, string>> = {
  string: 'text',
  integer: 'a whole number between -(2^53 - 1) and 2^53 - 1',
  number: 'a finite number',
  boolean: 'true or false',
  duration: DURATION_FORM,
  bytes: BYTES_FORM,
  url: 'an absolute URL',
  json: 'JSON other than null',
};

/** Reads a parameter's text as its type says; undefined when it has not the form of {@link PARAMETER_FORMS}. */
export function readParameterValue(type: ParameterType, text: string): ParameterValue | undefined {
  switch (type) {
    case 'string':
      return text;
    case 'integer':
      return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
    case 'number':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text))
        ? Number(text)
        : undefined;
    case 'boolean':
      return /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined;
    case 'duration':
      return readDuration(text);
    case 'bytes':
      return readBytes(text);
    case 'url':
      return URL.canParse(text) ? text : undefined;
    case 'json':
      return readJson(text);
    default: {
      const unknown: never = type;
      throw new TypeError(`unknown parameter type ${String(unknown)}`);
    }
  }
}

function readJson(text: string): ParameterValue | undefined {
  try {
    return (JSON.parse(text) as ParameterValue | null) ?? undefined;
  } catch {
    return undefined;
  }
}
