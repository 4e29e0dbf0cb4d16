import { nearestName } from '@millrace/core';
import type { z } from 'zod';
import { type ConfigNode, type ConfigPath, nodeAt, toFieldPath, toPlainValue } from './config-node.ts';
import { placeOf } from './config-place.ts';
import type { ConfigProblem, ConfigReport } from './config-problem.ts';
import { type ConfigSection, configSchema, sectionFields } from './config-schema.ts';
import { laterFields, laterValues } from './later-fields.ts';

/** What checking the shape found. */
export interface ShapeCheck {
  /** False where a field below the path is missing or has the wrong type; unknown fields do no harm. */
  isSound(path: ConfigPath): boolean;
}

/** Checks fields and types of a whole configuration and reports every problem. */
export function checkShape(root: ConfigNode, report: ConfigReport): ShapeCheck {
  const broken: ConfigPath[] = [];
  const result = configSchema.safeParse(toPlainValue(root));
  for (const issue of result.error?.issues ?? []) {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) report.problem(unknownField({ root, path, key }));
      continue;
    }
    broken.push(path);
    if (!isLeftToReference(root, path)) report.problem(wrongField({ root, path, issue }));
  }
  return { isSound: (path) => !broken.some((other) => startsWith(other, path) || startsWith(path, other)) };
}

interface UnknownField {
  readonly root: ConfigNode;
  readonly path: ConfigPath;
  readonly key: string;
}

function unknownField({ root, path, key }: UnknownField): ConfigProblem {
  const section = sectionOf(path);
  const place = placeOf(root, [...path, key]);
  const field = fieldName([...path, key]);
  if (laterFields[section].includes(key)) {
    return { ...place, code: 'not_yet_supported', message: `${field} is not supported yet`, hint: 'Remove it for now' };
  }
  return { ...place, code: 'unknown_field', message: `there is no field ${field}`, hint: suggestField(section, key) };
}

const SECTION_NAMES: Readonly<Record<ConfigSection, string>> = {
  top: 'at the top level',
  runtime: 'under `runtime`',
  caching: 'under `runtime.caching`',
  sql_results: 'under `runtime.caching.sql_results`',
  dataset: 'in an entry of `datasets`',
  column: 'in an entry of `columns`',
  acceleration: 'under `acceleration`',
  view: 'in an entry of `views`',
  catalog: 'in an entry of `catalogs`',
};

function suggestField(section: ConfigSection, key: string): string {
  const home = (Object.keys(SECTION_NAMES) as ConfigSection[]).find((other) => sectionFields[other].includes(key));
  if (home) return `It belongs ${SECTION_NAMES[home]}`;
  const nearest = nearestName(key, [...sectionFields[section], ...laterFields[section]]);
  return nearest ? `Did you mean \`${nearest}\`?` : `The fields here are ${sectionFields[section].join(', ')}`;
}

function sectionOf(path: ConfigPath): ConfigSection {
  if (path[0] === 'runtime')
    return path[1] !== 'caching' ? 'runtime' : path[2] === undefined ? 'caching' : 'sql_results';
  if (path[0] === 'catalogs') return 'catalog';
  if (path[2] === 'acceleration') return 'acceleration';
  if (path[2] === 'columns') return 'column';
  if (path[0] === 'views') return 'view';
  return path[0] === 'datasets' ? 'dataset' : 'top';
}

interface WrongField {
  readonly root: ConfigNode;
  readonly path: ConfigPath;
  readonly issue: z.core.$ZodIssue;
}

function wrongField({ root, path, issue }: WrongField): ConfigProblem {
  const place = placeOf(root, path);
  const field = fieldName(path);
  const node = nodeAt(root, path);
  if (!node) return { ...place, code: 'invalid_config', message: `${field} is missing` };
  const value = node.kind === 'scalar' ? node.value : undefined;
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String);
    const given = typeof value === 'string' ? value : '';
    if (laterValues[String(path.at(-1))]?.includes(given)) {
      const hint = `It takes ${allowed.join(' or ')} for now`;
      return { ...place, code: 'not_yet_supported', message: `${field} ${given} is not supported yet`, hint };
    }
    const nearest = nearestName(given, allowed);
    const message = `${field} must be ${allowed.length > 1 ? `one of ${allowed.join(', ')}` : allowed[0]}`;
    return { ...place, code: 'invalid_config', message, hint: nearest && `Did you mean ${nearest}?` };
  }
  if (issue.code === 'too_small' && issue.origin !== 'string' && issue.origin !== 'array')
    return { ...place, code: 'invalid_config', message: `${field} must be at least ${issue.minimum}` };
  if (issue.code === 'too_small') return { ...place, code: 'invalid_config', message: `${field} is empty` };
  const isTooLarge = issue.code === 'too_big' && issue.origin !== 'string' && issue.origin !== 'array';
  if (isTooLarge) return { ...place, code: 'invalid_config', message: `${field} must be at most ${issue.maximum}` };
  const expected = issue.code === 'invalid_type' ? issue.expected : 'value of another type';
  const hint = hintOf(expected, node, path);
  return {
    ...place,
    code: 'invalid_config',
    message: `${field} must be ${typeName(expected)} and is ${nodeName(node)}`,
    hint,
  };
}

/** `ref` takes the place of an entry's fields, and is reported itself. */
function isLeftToReference(root: ConfigNode, path: ConfigPath): boolean {
  return path.length === 3 && !nodeAt(root, path) && nodeAt(root, [...path.slice(0, 2), 'ref']) !== undefined;
}

/** The field within its entry, as the component names the entry already. */
function fieldName(path: ConfigPath): string {
  if (path.length === 0) return 'the configuration';
  if (path[0] === 'runtime') return `\`${toFieldPath(path)}\``;
  return path.length === 2 ? 'the entry' : `\`${toFieldPath(path.length > 2 ? path.slice(2) : path)}\``;
}

function typeName(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    string: 'text',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map',
    record: 'a map',
    int: 'a whole number',
  };
  return names[expected] ?? `a ${expected}`;
}

function nodeName(node: ConfigNode): string {
  if (node.kind !== 'scalar') return `a ${node.kind}`;
  if (node.value === null) return 'empty';
  return typeof node.value === 'string' ? 'text' : typeof node.value === 'boolean' ? 'true or false' : 'a number';
}

const DURATION_HINT = 'Write a duration with its unit, for example 30s, 5m or 1h';

const FIELD_HINTS: Readonly<Record<string, string>> = {
  acceleration: 'Write `acceleration: {}` for the defaults',
  sql_results: 'Write `sql_results: {}` for the defaults',
  max_size: 'Write a size with its unit, for example 64MiB, in quotes if it has none',
  memory_limit: 'Write a size with its unit, for example 2GiB, or a percentage such as 50%',
  item_ttl: DURATION_HINT,
  refresh_check_interval: DURATION_HINT,
  refresh_data_window: DURATION_HINT,
  refresh_append_overlap: DURATION_HINT,
  refresh_jitter_max: DURATION_HINT,
  retention_period: DURATION_HINT,
  retention_check_interval: DURATION_HINT,
};

function hintOf(expected: string, node: ConfigNode, path: ConfigPath): string | undefined {
  const special = FIELD_HINTS[String(path.at(-1))];
  if (special) return special;
  if (expected === 'array' && node.kind === 'map') return 'Begin each entry with `- `';
  if (node.kind !== 'scalar' || node.value === null) return undefined;
  if (expected === 'string') return 'Put it in quotes';
  return expected === 'boolean' && typeof node.value === 'string' ? 'Write true or false without quotes' : undefined;
}

function startsWith(path: ConfigPath, start: ConfigPath): boolean {
  return start.every((step, index) => path[index] === step);
}
