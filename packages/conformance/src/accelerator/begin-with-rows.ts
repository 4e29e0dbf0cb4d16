import type { Accelerated, AcceleratorContext } from './accelerator-context.ts';
import { versionOf } from './events.ts';
import { checkpointText, expectCheckpoint, expectTable } from './expect-table.ts';
import { refreshTable, type SourceRows } from './write-rows.ts';

/** A table, and what has to stay of it. */
export interface Begun {
  readonly opened: Accelerated;
  /** Checks that rows and checkpoint are those that were there. */
  expectUntouched(what: string): Promise<void>;
  /** Checks that the next refresh works. */
  expectGoesOn(): Promise<void>;
}

/** A table with rows and a checkpoint that nothing may touch. */
export async function beginWithRows(
  context: AcceleratorContext,
  parameters?: Readonly<Record<string, string>>,
): Promise<Begun> {
  const opened = await context.open(parameters && { parameters });
  const { table, schema } = opened;
  const rows: SourceRows = versionOf(1, 300);
  await refreshTable(table, { schema, rows, checkpoint: { watermark: 'kept' } });
  const text = checkpointText(table);
  return {
    opened,
    async expectUntouched(what) {
      await expectTable(context, opened, { what, rows });
      expectCheckpoint(context, table, { what, text });
    },
    async expectGoesOn() {
      const next = versionOf(7, 40);
      await refreshTable(table, { schema, rows: next });
      await expectTable(context, opened, { what: 'the next refresh', rows: next });
    },
  };
}
