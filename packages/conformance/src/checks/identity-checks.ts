import { isMillraceError, type ParameterSpec, PLUGIN_BRAND, type Plugin, parameterKey } from '@millrace/core';
import { type Check, defineChecks } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { resolveGiven } from '../open-connector.ts';

/** What a plugin says about itself, and what it makes of parameters before it meets its source. */
export const IDENTITY_CHECKS: readonly Check[] = defineChecks('identity', [
  {
    id: 'factory-describes-itself',
    number: 1,
    title:
      'the factory has an id, a prefix, a brand, and parameters that are unique, described and have valid examples',
    fix: 'Make the factory with defineConnector, and give every ParameterSpec a name in snake_case, a description and examples of its type.',
    async run({ subject: { plugin }, fail }) {
      const problems = describeProblems(plugin, 'connector');
      if (problems.length > 0) fail({ expected: 'a complete description', found: problems.join('; ') });
    },
  },
  {
    id: 'missing-parameter',
    number: 2,
    title: 'a required parameter that is missing is an error that names it as users write it',
    fix: 'Mark it `required: true` in its ParameterSpec and leave the check to resolveParameters.',
    async run({ subject, skip, fail }) {
      const required = subject.plugin.parameters.filter((spec) => spec.required === true && spec.default === undefined);
      if (required.length === 0) skip('the connector has no required parameter');
      for (const spec of required) {
        const key = parameterKey(spec, subject.plugin.prefix);
        const { [key]: _, ...others } = subject.parameters;
        expectParameterError({
          fail,
          code: 'missing_parameter',
          mentions: key,
          run: () => resolveGiven(subject, others),
        });
      }
    },
  },
  {
    id: 'unknown-parameter',
    number: 3,
    title:
      'an unknown parameter is an error that suggests the nearest name, and a wrong prefix one that shows the right one',
    fix: 'Declare every parameter in the ParameterSpecs and its kind (connector carries the prefix, runtime does not).',
    async run({ subject, skip, fail }) {
      const { plugin, parameters } = subject;
      const spec = plugin.parameters.find(({ name }) => name.length > 3);
      if (spec === undefined) return skip('the connector has no parameter that could be misspelt');
      const key = parameterKey(spec, plugin.prefix);
      const misspelt = `${key.slice(0, -1)}${key.endsWith('q') ? 'z' : 'q'}`;
      const run = (wrong: string) => () => resolveGiven(subject, { ...parameters, [wrong]: 'x' });
      expectParameterError({ fail, code: 'unknown_parameter', mentions: key, run: run(misspelt) });
      const otherPrefix = `zz_${spec.name}`;
      expectParameterError({ fail, code: 'unknown_parameter', mentions: key, run: run(otherPrefix) });
    },
  },
  {
    id: 'invalid-parameter',
    number: 4,
    title: 'a parameter of the wrong form, or not one of its choices, is an error that names it',
    fix: 'Give the ParameterSpec its type and `oneOf`; check ranges in `create` and throw `invalid_parameter` or `invalid_argument`.',
    async run({ subject, skip, fail }) {
      const { plugin, parameters } = subject;
      const typed = plugin.parameters.filter((spec) => spec.oneOf !== undefined || WRONG[spec.type] !== undefined);
      if (typed.length === 0) skip('the connector has only parameters of free text');
      for (const spec of typed) {
        const key = parameterKey(spec, plugin.prefix);
        const wrong = spec.oneOf === undefined ? WRONG[spec.type]! : 'none of the choices';
        const run = () => resolveGiven(subject, { ...parameters, [key]: wrong });
        expectParameterError({ fail, code: 'invalid_parameter', mentions: key, run });
      }
    },
  },
]);

/** Texts that are wrong for a type. */
const WRONG: Readonly<Partial<Record<ParameterSpec['type'], string>>> = {
  integer: 'twelve',
  number: 'many',
  boolean: 'perhaps',
  duration: 'soon',
  bytes: 'much',
  url: 'not a url',
  json: '{',
};

/** What is missing or wrong in what a plugin says about itself, in words. */
export function describeProblems(plugin: Plugin, kind: Plugin['kind']): readonly string[] {
  const { id, prefix, parameters } = plugin;
  const keys = parameters.map((spec) => parameterKey(spec, prefix));
  return [
    ...(/^[a-z][a-z0-9_-]*$/.test(id) ? [] : [`id ${JSON.stringify(id)}`]),
    ...(/^[a-z][a-z0-9_]*$/.test(prefix) ? [] : [`prefix ${JSON.stringify(prefix)}`]),
    ...(plugin.kind === kind && typeof plugin[PLUGIN_BRAND] === 'number' ? [] : ['no mark of a plugin']),
    ...keys.filter((key, index) => keys.indexOf(key) !== index).map((key) => `${key} twice`),
    ...parameters.flatMap((spec) => problemsOf(prefix, spec)),
  ];
}

function problemsOf(prefix: string, spec: ParameterSpec): string[] {
  const key = parameterKey(spec, prefix);
  const problems: string[] = [];
  if (!/^[a-z][a-z0-9_]*$/.test(spec.name)) problems.push(`${key} is not in snake_case`);
  if (!/^[A-Z`'"].{9,}[.…]$/s.test(spec.description.trim())) problems.push(`${key} is not described by a sentence`);
  if (spec.secret === true && spec.default !== undefined) problems.push(`${key} is a secret with a default`);
  if (
    /password|secret|token|passphrase|connection_string/.test(spec.name) &&
    spec.secret !== true &&
    spec.type !== 'boolean'
  )
    problems.push(`${key} looks like a secret and is not marked as one`);
  for (const example of [...(spec.examples ?? []), ...(spec.default === undefined ? [] : [spec.default])])
    if (!isValid(spec, example))
      problems.push(`${key} has the example or default ${JSON.stringify(example)}, which is not valid`);
  return problems;
}

function isValid(spec: ParameterSpec, text: string): boolean {
  if (spec.oneOf !== undefined && !spec.oneOf.includes(text)) return false;
  const pattern = VALID[spec.type];
  return pattern === undefined || pattern.test(text);
}

const VALID: Readonly<Partial<Record<ParameterSpec['type'], RegExp>>> = {
  integer: /^[+-]?\d+$/,
  number: /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i,
  boolean: /^(true|false)$/i,
  duration: /^\d+(\.\d+)?\s*[a-z]+$/i,
  bytes: /^\d+(\.\d+)?\s*([kmgt]?i?b)?$/i,
  url: /^[a-z][a-z0-9+.-]*:/i,
};

function expectParameterError(request: {
  readonly fail: CheckContext['fail'];
  readonly code: string;
  readonly mentions: string;
  readonly run: () => unknown;
}): void {
  const { fail, code, mentions, run } = request;
  const expected = `an error with the code ${code} that mentions ${mentions}`;
  try {
    run();
  } catch (error) {
    if (isMillraceError(error) && error.code === code && error.message.includes(mentions)) return;
    fail({ expected, found: error instanceof Error ? error.message : String(error) });
  }
  fail({ expected, found: 'no error' });
}
