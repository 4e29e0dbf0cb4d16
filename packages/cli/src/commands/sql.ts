import type { CommandContext } from '../command-context.ts';
import { summarize } from '../output/summarize.ts';
import { defaultFormat, type ResultFormat, writeResult } from '../output/write-result.ts';
import { runPrompt } from '../prompt/run-prompt.ts';
import { UsageError } from '../usage-error.ts';
import { openRuntime } from './open-runtime.ts';
import { readStatement, type StatementOptions, toSqlOptions } from './statement-options.ts';

/** What `millrace sql` takes. */
export interface SqlCommandOptions extends StatementOptions {
  readonly format?: ResultFormat;
}

/** Runs one statement and writes its rows; without one, opens the prompt. */
export async function runSqlCommand(
  context: CommandContext,
  query: string | undefined,
  options: SqlCommandOptions,
): Promise<void> {
  const { io, signal } = context;
  const sql = await readStatement(io, query, options);
  if (sql !== undefined && sql.trim() === '') throw new UsageError('the query is empty');
  const sqlOptions = toSqlOptions(options);
  const format = options.format ?? defaultFormat(io.stdout);
  const open = await openRuntime(context);
  const { runtime, progress } = open;
  try {
    if (sql === undefined) return await runPrompt({ ...open, io, format, sqlOptions });
    const startedMs = performance.now();
    const result = await progress.during(runtime, runtime.sql(sql, { ...sqlOptions, signal }));
    try {
      const { rowCount } = await writeResult({
        result: { schema: result.schema, batches: result },
        format,
        output: io.stdout,
      });
      if (format === 'table') io.stderr.write(`${summarize(rowCount, performance.now() - startedMs)}\n`);
    } finally {
      await result.close();
    }
  } finally {
    await runtime.close();
  }
}
