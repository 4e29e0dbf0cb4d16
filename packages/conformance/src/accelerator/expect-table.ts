import type { AcceleratedTable } from '@millrace/core';
import { compareMultisets } from '../read/compare-rows.ts';
import { scanTable } from '../read/scan-table.ts';
import type { Accelerated, AcceleratorContext } from './accelerator-context.ts';
import { describeCheckpoint, type SourceRows } from './write-rows.ts';

/** Checks that an accelerated table holds exactly these rows of the source, each as often as it is given. */
export async function expectTable(
  context: AcceleratorContext,
  { table, schema }: Pick<Accelerated, 'table' | 'schema'>,
  expectation: { readonly what: string; readonly rows: SourceRows },
): Promise<void> {
  const { rows, plan } = await scanTable(table);
  const difference = compareMultisets(rows, context.expected(schema.fields, expectation.rows));
  if (difference === undefined) return;
  const { statement, source } = plan.explain();
  context.fail({
    ...difference,
    expected: `${expectation.what}: ${difference.expected}`,
    statement: statement ?? source,
  });
}

/** What a table tells of itself, to be compared later. */
export function checkpointText({ checkpoint }: Pick<AcceleratedTable, 'checkpoint'>): string {
  return describeCheckpoint(checkpoint);
}

/** Checks that a table's checkpoint is a certain one. */
export function expectCheckpoint(
  context: AcceleratorContext,
  table: AcceleratedTable,
  expectation: { readonly what: string; readonly text: string },
): void {
  const found = checkpointText(table);
  if (found !== expectation.text)
    context.fail({ expected: `${expectation.what}: the checkpoint ${expectation.text}`, found });
}
