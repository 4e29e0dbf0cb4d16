import type { QueryStream } from '@millrace/duckdb';
import type { InspectedStatement, QueryScope } from './query-scope.ts';
import { untilAborted } from './until-aborted.ts';

/** A statement that is started. */
export interface StatementStart {
  readonly sql: string;
  readonly scope: QueryScope;
  readonly signal: AbortSignal;
  readonly start: (inspected: InspectedStatement) => Promise<QueryStream>;
}

/** Starts a statement that was inspected; one that failed while a table got other columns begins anew, over these. */
export async function startOver(
  { sql, scope, signal, start }: StatementStart,
  first: InspectedStatement,
): Promise<QueryStream> {
  for (let inspected = first; ; inspected = await untilAborted(scope.inspect(sql), signal)) {
    try {
      return await start(inspected);
    } catch (error) {
      const { tables } = inspected;
      await untilAborted(Promise.all(tables.map((table) => table.settled?.())), signal);
      if (tables.every((table) => scope.registry.table(table.name) === table)) throw error;
    }
  }
}
