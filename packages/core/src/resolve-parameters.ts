import { MillraceError, type SourceLocation } from './error.ts';
import { nearestName } from './nearest-name.ts';
import type { ParameterSpec, Parameters } from './parameter-spec.ts';
import { PARAMETER_FORMS, readParameterValue } from './parameter-value.ts';
import { type ResolvedParameter, ResolvedParameters } from './resolved-parameters.ts';

/** One parameter as the user gave it. */
export interface GivenParameter {
  /** The source text, never coerced: `0123` stays `0123`. */
  readonly text: string;
  readonly location?: SourceLocation;
  /** True when a secret was put into the text; the value is then never shown, whatever the specification says. */
  readonly containsSecret?: boolean;
}

/** What {@link resolveParameters} resolves. */
export interface ResolveParametersRequest {
  readonly specs: readonly ParameterSpec[];
  /** The plugin's prefix, without the underscore. */
  readonly prefix: string;
  /** By the name in the configuration, prefix included. */
  readonly given: ReadonlyMap<string, GivenParameter>;
  /** What the parameters belong to, for messages, for example `dataset orders`. */
  readonly component: string;
  /** Id of the connector or accelerator. */
  readonly connector: string;
  /** Called once for each deprecated parameter that is used. */
  readonly onDeprecated?: (message: string) => void;
}

/** The name of a parameter in configuration: with the prefix where its kind carries it. */
export function parameterKey(spec: Pick<ParameterSpec, 'name' | 'kind'>, prefix: string): string {
  return spec.kind === 'runtime' || prefix === '' ? spec.name : `${prefix}_${spec.name}`;
}

/**
 * Checks what the user gave against the specifications and reads it into typed values.
 *
 * Order: unknown names, deprecations, allowed texts, types, defaults, missing ones. All problems are found; a single one is
 * thrown as it is, several as one error that lists them and has an `AggregateError` of them as cause.
 *
 * @throws MillraceError `unknown_parameter`, `invalid_parameter` or `missing_parameter`, with the location where one was given;
 * never with the text of a secret.
 * @throws TypeError when the specifications contradict themselves, which is a mistake in the plugin.
 */
export function resolveParameters(request: ResolveParametersRequest): Parameters {
  const byKey = indexSpecs(request);
  const problems: MillraceError[] = [];
  for (const [key, given] of request.given) {
    if (!byKey.has(key)) problems.push(unknownParameter(request, byKey, key, given));
  }
  const resolved: ResolvedParameter[] = [];
  for (const [key, spec] of byKey) {
    const given = request.given.get(key);
    if (given !== undefined && spec.deprecated !== undefined)
      request.onDeprecated?.(
        `${request.component} (${request.connector}): parameter ${key} is deprecated. ${spec.deprecated}`,
      );
    const outcome = resolveOne(request, key, spec, given);
    if ('problem' in outcome) problems.push(outcome.problem);
    else resolved.push(outcome);
  }
  throwProblems(request, problems);
  return new ResolvedParameters(resolved);
}

function indexSpecs({ specs, prefix, connector }: ResolveParametersRequest): Map<string, ParameterSpec> {
  const byKey = new Map<string, ParameterSpec>();
  const names = new Set<string>();
  for (const spec of specs) {
    const key = parameterKey(spec, prefix);
    if (byKey.has(key) || names.has(spec.name)) throw new TypeError(`${connector} specifies parameter ${key} twice`);
    byKey.set(key, spec);
    names.add(spec.name);
  }
  return byKey;
}

function resolveOne(
  request: ResolveParametersRequest,
  key: string,
  spec: ParameterSpec,
  given: GivenParameter | undefined,
): ResolvedParameter | { readonly problem: MillraceError } {
  const hidden = spec.secret === true || given?.containsSecret === true;
  const text = given?.text ?? spec.default;
  if (text === undefined || (text === '' && spec.required === true)) {
    if (spec.required === true) return { problem: missingParameter(request, key, spec, given) };
    return { spec, value: undefined, given: false, hidden };
  }
  const value = readParameterValue(spec.type, text);
  if (value !== undefined && (spec.oneOf === undefined || spec.oneOf.includes(text)))
    return { spec, value, given: given !== undefined, hidden };
  if (given === undefined) throw new TypeError(`the default of ${request.connector}'s parameter ${key} is not valid`);
  return { problem: invalidParameter(request, key, spec, given) };
}

function unknownParameter(
  request: ResolveParametersRequest,
  byKey: ReadonlyMap<string, ParameterSpec>,
  key: string,
  given: GivenParameter,
): MillraceError {
  const sameName = specOfOtherPrefix(request, key);
  const place = placeOf(request, given);
  if (sameName !== undefined) {
    const right = parameterKey(sameName, request.prefix);
    const rule = right === sameName.name ? 'carries no prefix' : `carries the prefix ${request.prefix}_`;
    return new MillraceError({
      ...place,
      code: 'unknown_parameter',
      message: `there is no parameter ${key}; parameter ${sameName.name} ${rule}`,
      hint: `Write ${right}`,
    });
  }
  const nearest = nearestKey(request, byKey, key);
  const known = [...byKey.keys()].sort();
  return new MillraceError({
    ...place,
    code: 'unknown_parameter',
    message: `there is no parameter ${key}`,
    hint:
      nearest !== undefined
        ? `Did you mean ${nearest}?`
        : known.length === 0
          ? 'It takes no parameters'
          : `Known parameters: ${known.join(', ')}`,
  });
}

/** Finds the specification that the key would name if its prefix were put right; the longest name wins. */
function specOfOtherPrefix({ specs }: ResolveParametersRequest, key: string): ParameterSpec | undefined {
  return specs
    .filter(({ name }) => key === name || key.endsWith(`_${name}`))
    .sort((left, right) => right.name.length - left.name.length)[0];
}

function nearestKey(
  { prefix }: ResolveParametersRequest,
  byKey: ReadonlyMap<string, ParameterSpec>,
  key: string,
): string | undefined {
  const nearest = nearestName(key, byKey.keys());
  if (nearest !== undefined) return nearest;
  const name = nearestName(
    key,
    Array.from(byKey.values(), (spec) => spec.name),
  );
  return [...byKey.values()].filter((spec) => spec.name === name).map((spec) => parameterKey(spec, prefix))[0];
}

function missingParameter(
  request: ResolveParametersRequest,
  key: string,
  spec: ParameterSpec,
  given: GivenParameter | undefined,
): MillraceError {
  const example = spec.oneOf ?? spec.examples;
  return new MillraceError({
    ...placeOf(request, given),
    code: 'missing_parameter',
    message: `parameter ${key} is required and ${given === undefined ? 'missing' : 'empty'}`,
    hint: `Set ${key}${example === undefined || example.length === 0 ? '' : `, for example to ${example.join(' or ')}`}`,
  });
}

function invalidParameter(
  request: ResolveParametersRequest,
  key: string,
  spec: ParameterSpec,
  given: GivenParameter,
): MillraceError {
  const hidden = spec.secret === true || given.containsSecret === true || spec.type === 'url' || spec.type === 'json';
  const found = hidden ? '' : ` and not ${JSON.stringify(given.text)}`;
  const wanted = spec.oneOf === undefined ? PARAMETER_FORMS[spec.type] : `one of ${spec.oneOf.join(', ')}`;
  const nearest = hidden || spec.oneOf === undefined ? undefined : nearestName(given.text, spec.oneOf);
  return new MillraceError({
    ...placeOf(request, given),
    code: 'invalid_parameter',
    message: `parameter ${key} must be ${wanted}${found}`,
    ...(nearest === undefined ? {} : { hint: `Did you mean ${nearest}?` }),
  });
}

function placeOf({ component, connector }: ResolveParametersRequest, given: GivenParameter | undefined) {
  return { component, connector, ...(given?.location === undefined ? {} : { location: given.location }) };
}

function throwProblems({ component, connector }: ResolveParametersRequest, problems: readonly MillraceError[]): void {
  const [first] = problems;
  if (first === undefined) return;
  if (problems.length === 1) throw first;
  throw new MillraceError({
    code: first.code,
    component,
    connector,
    message: `${problems.length} parameters are wrong:\n${problems.map((problem) => `- ${listed(problem)}`).join('\n')}`,
    ...(first.location === undefined ? {} : { location: first.location }),
    cause: new AggregateError(problems),
  });
}

function listed({ location, reason, hint }: MillraceError): string {
  const place = location === undefined ? '' : `${location.line}:${location.column}: `;
  return `${place}${reason}.${hint === undefined ? '' : ` ${hint}${/[.?]$/.test(hint) ? '' : '.'}`}`;
}
