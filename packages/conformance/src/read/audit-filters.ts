import type { ExecutionPlan, Expr, TableProvider } from '@millrace/core';
import type { CheckContext } from '../check-context.ts';
import type { Fixture } from '../fixture.ts';
import { isWanted } from '../model/evaluate.ts';
import { compareMultisets, findForeignRow } from './compare-rows.ts';
import { scanTable } from './scan-table.ts';

/** Filters to try on a table. */
export interface FilterAudit {
  /** What is tried, for the message. */
  readonly label: string;
  readonly filters: readonly Expr[];
}

/**
 * Scans with filters and compares the raw stream with the model, as the plan's claims demand: with `exact` only TRUE rows and all of
 * them, with `inexact` all TRUE rows, with `none` every row that the other filters leave.
 */
export async function auditFilters(
  context: CheckContext,
  subject: { readonly fixture: Fixture; readonly table: TableProvider },
  { label, filters }: FilterAudit,
): Promise<ExecutionPlan> {
  const { fixture, table } = subject;
  const ordinal = fixture.ordinal('id');
  const { plan, rows } = await scanTable(table, { projection: [ordinal], filters });
  const idsOf = (wanted: readonly Expr[]) =>
    fixture.rows.flatMap((row, index) => (isWanted(wanted, fixture.literals[index]!) ? [[row[ordinal]!]] : []));
  const exact = filters.filter((_, index) => plan.applied.filters[index] === 'exact');
  const statement = plan.explain().statement ?? plan.explain().source;
  const claims = plan.applied.filters.join(', ');
  const all = idsOf(filters);
  // A stage that is not exact may keep more; a row that makes every filter TRUE may never be lost.
  const lost = findForeignRow(all, rows);
  if (lost !== undefined)
    context.fail({
      expected: `${label} (${claims}): all ${all.length} TRUE rows`,
      found: `${rows.length} rows`,
      firstDifference: `missing: id ${lost}`,
      statement,
    });
  const allowed = exact.length === filters.length ? all : idsOf(exact);
  const extra = findForeignRow(rows, allowed);
  if (extra !== undefined)
    context.fail({
      expected: `${label} (${claims}): ${allowed.length} rows at most`,
      found: `${rows.length} rows`,
      firstDifference: `too many: id ${extra}`,
      statement,
    });
  if (plan.applied.filters.every((degree) => degree === 'none' || degree === 'exact')) {
    const difference = compareMultisets(rows, allowed);
    if (difference)
      context.fail({ ...difference, expected: `${label} (${claims}): ${difference.expected}`, statement });
  }
  return plan;
}

/** Audits many filters on one table, and counts how many were pushed. */
export async function auditAll(
  context: CheckContext,
  fixture: Fixture,
  audits: readonly FilterAudit[],
): Promise<number> {
  const table = await context.open(fixture);
  let pushed = 0;
  for (const audit of audits) {
    const plan = await auditFilters(context, { fixture, table }, audit);
    if (plan.applied.filters.some((degree) => degree !== 'none')) pushed += 1;
  }
  context.note(`${pushed} of ${audits.length} pushed on ${fixture.location.name}`);
  return pushed;
}
