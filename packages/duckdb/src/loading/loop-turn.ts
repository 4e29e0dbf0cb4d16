import { BOOLEAN, type DuckDBConnection, DuckDBScalarFunction } from '@duckdb/node-api';

/** How long calls of table functions may follow each other without a turn of the event loop, in milliseconds. */
const MAX_RUN_MS = 3;

const FUNCTION_NAME = 'millrace_turn';

let runStart: number | undefined;

/**
 * Tells whether calls of table functions have kept the event loop from turning for so long that they must pause. Every call asks.
 *
 * Node serves calls that wait for one function in a row, up to 1,000 of them, before its event loop turns: two threads, each of
 * which comes back while the other is served, keep that up until their statement ends.
 */
export function isTurnDue(): boolean {
  const now = performance.now();
  if (runStart === undefined) {
    runStart = now;
    setImmediate(() => {
      runStart = undefined;
    });
  }
  return now - runStart >= MAX_RUN_MS;
}

/**
 * Registers the function that {@link pausing} uses, once for each instance. It returns true, after a detour over Node's thread: who
 * waits for it does not wait for the table function, whose queue runs empty, so that the event loop turns.
 */
export function registerTurnFunction(connection: DuckDBConnection): void {
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: FUNCTION_NAME,
      parameterTypes: [BOOLEAN],
      returnType: BOOLEAN,
      volatile: true,
      mainFunction(_info, input, output) {
        for (let row = 0; row < input.rowCount; row++) {
          output.setItem(row, true);
        }
        output.flush();
      },
    }),
  );
}

/** A condition that is always true; a thread that meets it in a row with `column` true pauses until the event loop may turn. */
export function pausing(column: string): string {
  // The branch of a CASE is computed for chunks that have rows for it alone; of an OR, DuckDB swaps the sides.
  return `CASE WHEN ${column} THEN ${FUNCTION_NAME}(${column}) ELSE true END`;
}
