import type { CommandContext } from '../command-context.ts';
import { writeChunks } from '../output/write-chunks.ts';
import { UsageError } from '../usage-error.ts';
import { openRuntime } from './open-runtime.ts';
import { readStatement, type StatementOptions, toSqlOptions } from './statement-options.ts';

/** What `millrace explain` takes. */
export interface ExplainOptions extends StatementOptions {
  readonly format: 'text' | 'json';
}

/** Says how a statement would be answered, without reading rows. */
export async function runExplain(
  context: CommandContext,
  query: string | undefined,
  options: ExplainOptions,
): Promise<void> {
  const { io, signal } = context;
  const sql = await readStatement(io, query, options);
  if (sql === undefined || sql.trim() === '') throw new UsageError('give the query to explain');
  const { module, runtime } = await openRuntime(context);
  try {
    const explanation = await runtime.explain(sql, { ...toSqlOptions(options), signal });
    const text =
      options.format === 'json' ? JSON.stringify(explanation, null, 2) : module.formatExplanation(explanation);
    await writeChunks(io.stdout, [`${text}\n`]);
  } finally {
    await runtime.close();
  }
}
