import { dataTypes, field, type Schema } from '@millrace/core';
import type { CommandContext } from '../command-context.ts';
import { listing } from '../output/listing.ts';
import { defaultFormat, type ResultFormat, writeResult } from '../output/write-result.ts';
import { openRuntime } from './open-runtime.ts';

const SCHEMA: Schema = {
  fields: [
    field('dataset', dataTypes.utf8()),
    field('rows', dataTypes.int64()),
    field('duration_ms', dataTypes.int32()),
    field('path', dataTypes.utf8()),
  ],
};

/** Refreshes the local copy of one dataset and says what that did. */
export async function runRefresh(
  context: CommandContext,
  dataset: string,
  options: { readonly format?: ResultFormat },
): Promise<void> {
  const { stdout, stderr } = context.io;
  const { runtime, progress } = await openRuntime(context);
  try {
    const report = await progress.during(runtime, runtime.refresh(dataset));
    const row = {
      dataset: report.dataset,
      rows: report.rowCount,
      duration_ms: Math.round(report.durationMs),
      path: report.path,
    };
    await writeResult({
      result: listing(SCHEMA, [row]),
      format: options.format ?? defaultFormat(stdout),
      output: stdout,
    });
    const status = runtime.datasets().find(({ name }) => name === report.dataset);
    if (report.path === 'reconnect')
      stderr.write('note: the dataset is not accelerated; it was connected, and no rows were copied\n');
    if (status?.mode === 'memory')
      stderr.write('note: the copy was in memory and ends with this command; `mode: file` keeps it\n');
  } finally {
    await runtime.close();
  }
}
