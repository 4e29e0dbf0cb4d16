import type { GivenParameter } from '@millrace/core';
import type { ConfigContext } from './config-context.ts';
import type { CatalogInput } from './config-input.ts';
import type { CatalogConfig } from './config-model.ts';
import { type ConfigPath, locationAt } from './config-node.ts';
import { placeOf } from './config-place.ts';
import { resolveFrom, toFieldSteps } from './resolve-dataset.ts';
import { resolveParams } from './resolve-params.ts';

/** One entry of `catalogs`; fields whose shape is not sound are not read. */
export interface CatalogEntry {
  readonly path: ConfigPath;
  readonly input: CatalogInput;
  /** Undefined when the name was refused, and reported, already. */
  readonly name: string | undefined;
}

/** Checks everything in a catalog but its name and reports every problem. */
export function resolveCatalog(context: ConfigContext, { path, input, name }: CatalogEntry): CatalogConfig | undefined {
  const from = resolveFrom(context, [...path, 'from'], input.from);
  const params = resolveAllParams(context, path);
  if (!from || name === undefined) return undefined;
  const patterns = (field: 'include' | 'exclude') =>
    context.shape.isSound([...path, field]) ? (input[field] ?? []) : [];
  return {
    from,
    name,
    include: patterns('include'),
    exclude: patterns('exclude'),
    params,
    ...(input.description === undefined ? {} : { description: input.description }),
    ...(input.unsupported_type_action === undefined ? {} : { unsupportedTypeAction: input.unsupported_type_action }),
    location: (field) => locationAt(context.root, [...path, ...toFieldSteps(field)]),
  };
}

/** One connector serves the catalog and its tables, so a parameter has one value. */
function resolveAllParams(context: ConfigContext, path: ConfigPath): ReadonlyMap<string, GivenParameter> {
  const params = resolveParams(context, [...path, 'params']);
  const more = resolveParams(context, [...path, 'dataset_params']);
  for (const key of more.keys()) {
    if (!params.has(key)) continue;
    context.report.problem({
      ...placeOf(context.root, [...path, 'dataset_params', key]),
      code: 'invalid_config',
      message: `parameter ${key} stands in \`params\`, too`,
      hint: 'Remove one of them',
    });
  }
  return new Map([...params, ...more]);
}
