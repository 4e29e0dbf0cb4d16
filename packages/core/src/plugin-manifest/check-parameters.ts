import type { Plugin } from '../define.ts';
import type { ParameterSpec } from '../parameter-spec.ts';
import { readParameterValue } from '../parameter-value.ts';
import { mistakeInParameter } from '../registry/parameter-table.ts';
import { parameterKey } from '../resolve-parameters.ts';

/** Checks a plugin's specifications: their shape, unique names, and that default and examples are valid texts. */
export function checkParameters({ kind, prefix, parameters }: Plugin): string[] {
  const problems: string[] = [];
  if (!/^([a-z][a-z0-9]*(_[a-z0-9]+)*)?$/.test(prefix)) problems.push('the prefix must be snake_case');
  if (!Array.isArray(parameters)) return [...problems, 'parameters must be an array'];
  const keys = new Set<string>();
  for (const [index, spec] of (parameters as readonly ParameterSpec[]).entries()) {
    const mistake = mistakeInParameter(spec);
    if (mistake !== undefined) {
      problems.push(`parameter ${spec?.name ?? index}: ${mistake}`);
      continue;
    }
    const key = parameterKey(spec, prefix);
    if (keys.has(key)) problems.push(`parameter ${key} is specified twice`);
    keys.add(key);
    if (spec.kind !== 'runtime' && spec.kind !== kind)
      problems.push(`parameter ${key}: kind must be ${kind} or runtime`);
    problems.push(...checkTexts(spec).map((problem) => `parameter ${key}: ${problem}`));
  }
  return problems;
}

function checkTexts({ type, oneOf, examples, required, ...spec }: ParameterSpec): string[] {
  const isValid = (text: string) => readParameterValue(type, text) !== undefined && (oneOf?.includes(text) ?? true);
  const problems: string[] = [];
  if (spec.default !== undefined && !isValid(spec.default)) problems.push('the default is not valid');
  if (spec.default !== undefined && required === true) problems.push('a required parameter has no use for a default');
  if (examples?.some((example) => !isValid(example))) problems.push('an example is not valid');
  return problems;
}
