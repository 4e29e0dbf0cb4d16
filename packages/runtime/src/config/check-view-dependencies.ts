import { nearestName } from '@millrace/core';
import type { ConfigContext } from './config-context.ts';
import type { ConfigName, ViewConfig } from './config-model.ts';
import { toComparisonKey, toNameKey } from './table-name.ts';

/** The views of a configuration, and the names of all that it has; undefined for what was refused, and reported, already. */
export interface ViewDependencies {
  readonly views: readonly (ViewConfig | undefined)[];
  readonly names: readonly (ConfigName | undefined)[];
}

/** Checks that what views depend on is among the datasets and views, and reports every problem. Circles are found with those of the queries. */
export function checkViewDependencies(
  { report }: Pick<ConfigContext, 'report'>,
  { views, names }: ViewDependencies,
): void {
  const known = names.filter((name) => name !== undefined);
  const keys = new Set(known.map(toComparisonKey));
  for (const view of views) {
    for (const name of view?.dependsOn ?? []) {
      if (keys.has(toNameKey(name))) continue;
      const nearest = nearestName(
        name,
        known.map(({ text }) => text),
      );
      report.problem({
        code: 'invalid_config',
        component: `view ${view?.name.text ?? ''}`,
        message: `\`depends_on\` names ${name}, and there is no such dataset or view`,
        hint: nearest === undefined ? 'Name datasets and views of this configuration' : `Did you mean ${nearest}?`,
        location: view?.location('depends_on'),
      });
    }
  }
}
