import { MillraceError, nearestName } from '@millrace/core';
import type { ViewConfig } from '../config/index.ts';
import { toComparisonKey, toNameKey } from '../config/table-name.ts';

/** The view of that name as SQL would write it, in any case. @throws MillraceError `unknown_table` with the nearest name. */
export function findView(views: readonly ViewConfig[], name: string): ViewConfig {
  const key = toNameKey(name);
  const found = views.find((view) => toComparisonKey(view.name) === key);
  if (found) return found;
  const names = views.map((view) => view.name.text);
  const nearest = nearestName(name, names);
  throw new MillraceError({
    code: 'unknown_table',
    component: 'runtime',
    message: `there is no view ${name}`,
    hint: nearest === undefined ? `Views: ${names.join(', ') || 'none'}.` : `Did you mean ${nearest}?`,
  });
}
