import { type DataType, dataTypes, field, type Schema } from '@millrace/core';
import type { DatasetStatus } from '@millrace/runtime';
import type { CommandContext } from '../command-context.ts';
import { listing } from '../output/listing.ts';
import type { Tabular } from '../output/row-encoder.ts';
import { defaultFormat, type ResultFormat, writeResult } from '../output/write-result.ts';
import { openRuntime } from './open-runtime.ts';

const COLUMNS: readonly (readonly [string, DataType])[] = [
  ['name', dataTypes.utf8()],
  ['from', dataTypes.utf8()],
  ['state', dataTypes.utf8()],
  ['engine', dataTypes.utf8()],
  ['mode', dataTypes.utf8()],
  ['columns', dataTypes.int32()],
  ['rows', dataTypes.int64()],
  ['refreshed_at', dataTypes.utf8()],
  ['error', dataTypes.utf8()],
];

const SCHEMA: Schema = { fields: COLUMNS.map(([name, type]) => field(name, type)) };

/** Lists the datasets of the configuration with the state of each. */
export async function runDatasets(
  context: CommandContext,
  options: { readonly format?: ResultFormat; readonly wait?: boolean },
): Promise<void> {
  const { stdout } = context.io;
  const { runtime, progress } = await openRuntime(context);
  try {
    // A dataset that cannot be loaded is told by its state.
    if (options.wait === true)
      await progress.during(
        runtime,
        runtime.ready().catch(() => undefined),
      );
    const format = options.format ?? defaultFormat(stdout);
    await writeResult({ result: listDatasets(runtime.datasets()), format, output: stdout });
  } finally {
    await runtime.close();
  }
}

/** The datasets as rows. */
export function listDatasets(datasets: readonly DatasetStatus[]): Tabular {
  return listing(
    SCHEMA,
    datasets.map((status) => ({
      name: status.name,
      from: status.from,
      state: status.state,
      engine: status.engine ?? null,
      mode: status.mode ?? null,
      columns: status.schema?.fields.length ?? null,
      rows: status.rowCount ?? null,
      refreshed_at: status.refreshedAtMs === undefined ? null : new Date(status.refreshedAtMs).toISOString(),
      error: status.lastError ?? null,
    })),
  );
}
