import { nearestName } from '@millrace/core';
import type { DatasetConfig } from './config-model.ts';
import type { ConfigReport } from './config-problem.ts';
import { toComparisonKey, toNameKey } from './table-name.ts';

/** Checks that what datasets depend on exists and that they do not wait for each other in a circle, and reports every problem. */
export function checkDependencies(datasets: readonly DatasetConfig[], report: ConfigReport): void {
  const byKey = new Map(datasets.map((dataset) => [toComparisonKey(dataset.name), dataset]));
  for (const dataset of datasets) {
    for (const name of dataset.dependsOn ?? []) {
      if (byKey.has(toNameKey(name))) continue;
      const nearest = nearestName(
        name,
        datasets.map((each) => each.name.text),
      );
      report.problem({
        code: 'invalid_config',
        component: `dataset ${dataset.name.text}`,
        message: `\`depends_on\` names ${name}, and there is no such dataset`,
        hint: nearest === undefined ? 'Name datasets of this configuration' : `Did you mean ${nearest}?`,
        location: dataset.location('depends_on'),
      });
    }
    const circle = findCircle(dataset, byKey);
    if (circle)
      report.problem({
        code: 'invalid_config',
        component: `dataset ${dataset.name.text}`,
        message: `\`depends_on\` leads back to the dataset: ${circle.join(' → ')}`,
        hint: 'Break the circle',
        location: dataset.location('depends_on'),
      });
  }
}

/** The names from the dataset back to itself; undefined when there is no such way. */
function findCircle(start: DatasetConfig, byKey: ReadonlyMap<string, DatasetConfig>): readonly string[] | undefined {
  const seen = new Set<string>();
  const visit = (dataset: DatasetConfig, path: readonly string[]): readonly string[] | undefined => {
    for (const name of dataset.dependsOn ?? []) {
      const next = byKey.get(toNameKey(name));
      if (next === start) return [...path, start.name.text];
      if (!next || seen.has(toNameKey(name))) continue;
      seen.add(toNameKey(name));
      const found = visit(next, [...path, next.name.text]);
      if (found) return found;
    }
    return undefined;
  };
  return visit(start, [start.name.text]);
}
