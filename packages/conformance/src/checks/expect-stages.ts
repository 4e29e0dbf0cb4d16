import type { RowValue } from '@millrace/arrow';
import type { ScanRequest, SortKey } from '@millrace/core';
import type { CheckContext } from '../check-context.ts';
import { columnOf } from '../expressions.ts';
import type { Fixture } from '../fixture.ts';
import { isComparable } from '../model/compare-values.ts';
import { isWanted } from '../model/evaluate.ts';
import { compareSortValues, sortValues } from '../model/sort-rows.ts';
import { idleContext } from '../open-connector.ts';
import { compareInOrder, findForeignRow } from '../read/compare-rows.ts';
import { scanTable } from '../read/scan-table.ts';
import { statementOf } from './scan-checks.ts';

/** Checks what the applied stages of a request leave of the rows. */
export async function expectStages(
  context: CheckContext,
  fixture: Fixture,
  request: Partial<ScanRequest>,
): Promise<void> {
  const { filters = [], order, limit, offset } = request;
  const table = await context.open(fixture);
  const { plan, rows: found } = await scanTable(table, request, { ...idleContext(), targetPartitions: 4 });
  const { applied } = plan;
  const rows = found.map(withoutSignedZeros);
  const wanted = fixture.rows.filter((_, row) => isWanted(filters, fixture.literals[row]!)).map(withoutSignedZeros);
  const label = JSON.stringify({ ...request, filters: filters.length, order: order?.length }, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  const statement = statementOf(plan);
  if (applied.filters.some((degree) => degree !== 'exact')) {
    const lost = findForeignRow(wanted, rows);
    if (lost !== undefined)
      context.fail({
        expected: `${label}: every TRUE row`,
        found: `${rows.length} rows`,
        firstDifference: `missing: ${lost}`,
        ...statement,
      });
    return;
  }
  const foreign = findForeignRow(rows, wanted);
  if (foreign !== undefined)
    context.fail({ expected: `${label}: rows of the table`, found: 'others', firstDifference: foreign, ...statement });
  const skipped = applied.offset === true ? Number(offset ?? 0n) : 0;
  const available = Math.max(0, wanted.length - skipped);
  const needed =
    limit === undefined
      ? available
      : Math.min(available, Number(limit) + (applied.offset === true ? 0 : Number(offset ?? 0n)));
  const isRight =
    applied.limit === 'exact'
      ? rows.length === Math.min(available, Number(limit))
      : applied.limit === 'inexact'
        ? rows.length >= needed
        : rows.length === available;
  if (!isRight)
    context.fail({
      expected: `${label} (${JSON.stringify(applied)}): ${applied.limit === 'inexact' ? 'at least ' : ''}${Math.min(needed, available)} rows`,
      found: `${rows.length} rows`,
      ...statement,
    });
  if (order === undefined || applied.order !== 'exact' || plan.partitions.length > 1) return;
  const keys = order.map(({ expr }) => (expr.kind === 'column' ? fixture.ordinal(expr.path[0]) : 0));
  const pick = (row: readonly RowValue[]) => keys.map((key) => row[key]!);
  const difference = compareInOrder(
    rows.map(pick),
    sortFixture(fixture, order)
      .slice(skipped, skipped + rows.length)
      .map(withoutSignedZeros)
      .map(pick),
  );
  if (difference)
    context.fail({ ...difference, expected: `${label}: the keys in order, ${difference.expected}`, ...statement });
}

function sortFixture(fixture: Fixture, order: readonly SortKey[]): (readonly RowValue[])[] {
  return fixture.rows
    .map((row, index) => ({ row, values: sortValues(order, fixture.literals[index]!) }))
    .sort((left, right) => compareSortValues(order, left.values, right.values))
    .map(({ row }) => row);
}

/** Checks the first rows of a column for every direction and place of nulls. */
export async function expectTopRows(context: CheckContext, fixture: Fixture, name: string): Promise<void> {
  const field = fixture.field(name);
  if (!isComparable(field.type)) return;
  const id: SortKey = { expr: columnOf(fixture.field('id')), descending: false, nullsFirst: false };
  for (const descending of [false, true])
    for (const nullsFirst of [false, true])
      for (const limit of [3n, undefined]) {
        const order = [{ expr: columnOf(field), descending, nullsFirst }, id];
        await expectStages(context, fixture, { order, ...(limit !== undefined && { limit }) });
      }
}

/** An engine may sort by keys in which -0 and 0, equal in the vocabulary, have become one. */
function withoutSignedZeros(row: readonly RowValue[]): readonly RowValue[] {
  return row.some((value) => Object.is(value, -0)) ? row.map((value) => (Object.is(value, -0) ? 0 : value)) : row;
}
