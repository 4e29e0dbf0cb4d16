import type { ReloadReport } from '@millrace/runtime';

/** What a reload did, in lines for people. */
export function describeReload({ added, updated, removed, settings, failed }: ReloadReport): string {
  const lines = [
    ...lineOf('added', added),
    ...lineOf('updated', updated),
    ...lineOf('removed', removed),
    ...lineOf('changed', settings),
    ...failed.map(({ name, message }) => `not updated ${name}: ${message}`),
  ];
  return `${(lines.length === 0 ? ['nothing has changed'] : lines).join('\n')}\n`;
}

function lineOf(verb: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${verb} ${names.join(', ')}`];
}
