import { type ParameterSpec, type ParameterType, parameterKey } from '@millrace/core';

/** A JSON Schema, or a part of one. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** What a reference to a secret looks like; its value is known at run time only, so it fits every parameter. */
const REFERENCE: JsonSchema = { type: 'string', pattern: '\\$\\{' };

const TYPES: Readonly<Record<ParameterType, JsonSchema>> = {
  string: { type: ['string', 'number', 'boolean'] },
  integer: { anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^[+-]?\\d+$' }, REFERENCE] },
  number: { anyOf: [{ type: 'number' }, { type: 'string', pattern: '^[+-]?[\\d.]+([eE][+-]?\\d+)?$' }, REFERENCE] },
  boolean: { anyOf: [{ type: 'boolean' }, { type: 'string', pattern: '^([Tt]rue|[Ff]alse|TRUE|FALSE)$' }, REFERENCE] },
  duration: { anyOf: [{ type: 'string', pattern: '^\\s*(\\d+(\\.\\d+)?\\s*(ms|[smhdw])\\s*)+$' }, REFERENCE] },
  bytes: { anyOf: [{ type: 'integer', minimum: 0 }, { type: 'string', pattern: '^\\s*\\d' }, REFERENCE] },
  url: { type: 'string' },
  json: { type: ['string', 'number', 'boolean', 'array', 'object'] },
};

/** What is known of a plugin without loading it; `prefix` is without the underscore. */
export interface ConfigPlugin {
  readonly id: string;
  readonly aliases?: readonly string[];
  readonly prefix: string;
  readonly parameters: readonly ParameterSpec[];
}

/** The schema of a `params` block of one plugin: its parameters by the names that users write, and no others. */
export function paramsJsonSchema({ prefix, parameters }: ConfigPlugin): JsonSchema {
  const properties = Object.fromEntries(parameters.map((spec) => [parameterKey(spec, prefix), toSchema(spec)]));
  const required = requiredKeys({ prefix, parameters });
  return {
    type: required.length > 0 ? 'object' : ['object', 'null'],
    properties,
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

/** The parameters that a configuration cannot leave out. */
export function requiredKeys({ prefix, parameters }: Pick<ConfigPlugin, 'prefix' | 'parameters'>): readonly string[] {
  return parameters
    .filter((spec) => spec.required === true && spec.default === undefined)
    .map((spec) => parameterKey(spec, prefix));
}

function toSchema(spec: ParameterSpec): JsonSchema {
  const link = spec.helpLink === undefined ? '' : ` See ${spec.helpLink}`;
  return {
    description: `${spec.description}${spec.deprecated === undefined ? '' : ` Deprecated: ${spec.deprecated}`}${link}`,
    ...(spec.oneOf === undefined ? TYPES[spec.type] : { anyOf: [{ enum: spec.oneOf.flatMap(spellings) }, REFERENCE] }),
    ...(spec.default === undefined || spec.secret ? {} : { default: spec.default }),
    ...(spec.examples === undefined ? {} : { examples: spec.examples }),
    ...(spec.deprecated === undefined ? {} : { deprecated: true }),
    ...(spec.secret ? { writeOnly: true } : {}),
  };
}

/**
 * An allowed text without quotes is a number or a boolean to the editor (`1`, `true`), and its text all the same to
 * us.
 */
function spellings(text: string): readonly (string | number | boolean)[] {
  if (text === 'true' || text === 'false') return [text, text === 'true'];
  return text !== '' && String(Number(text)) === text ? [text, Number(text)] : [text];
}
