import type { Plugin } from '../define.ts';
import type { ParameterSpec } from '../parameter-spec.ts';
import { PARAMETER_FORMS } from '../parameter-value.ts';
import { isRecord } from './package-json.ts';
import type { PluginKind } from './plugin-registry.ts';

/** Shape of the generated file. */
export const PARAMETERS_VERSION = 1;

/** The parameters of one plugin, as the generated file holds them. */
export interface ParameterTable {
  readonly kind: PluginKind;
  readonly id: string;
  readonly prefix: string;
  readonly parameters: readonly ParameterSpec[];
}

/** Takes the table out of a loaded plugin. */
export function parameterTableOf(plugin: Plugin): ParameterTable {
  return { kind: plugin.kind, id: plugin.id, prefix: plugin.prefix, parameters: plugin.parameters };
}

/** The text of the generated file; it may hold the tables of several plugins of one package. */
export function writeParameterTables(tables: readonly ParameterTable[]): string {
  return `${JSON.stringify({ parametersVersion: PARAMETERS_VERSION, plugins: tables }, undefined, 2)}\n`;
}

/** Reads one plugin's table from the text of a generated file; a string says what is wrong with it. */
export function readParameterTable(text: string, kind: PluginKind, id: string): ParameterTable | string {
  const file = parseJson(text);
  if (!isRecord(file) || !Array.isArray(file.plugins)) return 'it is not a file of parameters';
  if (file.parametersVersion !== PARAMETERS_VERSION)
    return `it is of version ${JSON.stringify(file.parametersVersion)} and not ${PARAMETERS_VERSION}`;
  const table: unknown = file.plugins.find((item: unknown) => isRecord(item) && item.kind === kind && item.id === id);
  if (!isRecord(table)) return `it holds no ${kind} ${id}`;
  if (typeof table.prefix !== 'string' || !Array.isArray(table.parameters))
    return `its ${kind} ${id} has no parameters`;
  for (const [index, parameter] of table.parameters.entries()) {
    const mistake = mistakeInParameter(parameter);
    if (mistake !== undefined) return `parameter ${index} of ${kind} ${id}: ${mistake}`;
  }
  return { kind, id, prefix: table.prefix, parameters: table.parameters as readonly ParameterSpec[] };
}

/** Says what is wrong with a parameter specification; undefined when nothing is. */
export function mistakeInParameter(value: unknown): string | undefined {
  if (!isRecord(value)) return 'it is not an object';
  const isText = (item: unknown) => typeof item === 'string';
  const isTexts = (item: unknown) => Array.isArray(item) && item.every(isText);
  const optional = (key: string, isRight: (item: unknown) => boolean) =>
    value[key] === undefined || isRight(value[key]);
  if (!isText(value.name) || !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(String(value.name)))
    return 'name must be snake_case';
  if (!['connector', 'accelerator', 'runtime'].includes(value.kind as string))
    return 'kind must be connector, accelerator or runtime';
  if (!Object.hasOwn(PARAMETER_FORMS, String(value.type))) return `there is no type ${JSON.stringify(value.type)}`;
  if (!isText(value.description) || value.description === '') return 'description is missing';
  const flag = ['required', 'secret'].find((key) => !optional(key, (item) => typeof item === 'boolean'));
  if (flag !== undefined) return `${flag} must be true or false`;
  const text = ['default', 'deprecated', 'helpLink'].find((key) => !optional(key, isText));
  if (text !== undefined) return `${text} must be text`;
  const list = ['oneOf', 'examples'].find((key) => !optional(key, isTexts));
  return list === undefined ? undefined : `${list} must be an array of texts`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
