import { BOOLEAN, type DuckDBConnection, DuckDBScalarFunction, UTINYINT } from '@duckdb/node-api';
import { turnAgeMs } from '@millrace/arrow';

/** How long calls of table functions, and whatever else computes in a turn of the event loop, may keep it, in milliseconds. */
const MAX_RUN_MS = 3;

const FUNCTION_NAME = 'millrace_turn';

/** What a row tells the thread that reads it, in the column that {@link keeping} names. */
export const Turn = {
  /** Go on. */
  None: 0,
  /** Pause until the event loop may turn. */
  Pause: 1,
  /** Pause as well, and drop this row: it stands for rows that have not come yet. */
  Filler: 2,
} as const;

/**
 * Tells whether calls of table functions have kept the event loop from turning for so long that they must pause. Every call asks.
 *
 * Node serves calls that wait for one function in a row, up to 1,000 of them, before its event loop turns: two threads, each of
 * which comes back while the other is served, keep that up until their statement ends.
 */
export function isTurnDue(): boolean {
  return turnAgeMs() >= MAX_RUN_MS;
}

/**
 * Registers the function that {@link keeping} uses, once for each instance. It answers after a detour over Node's thread: who
 * waits for it does not wait for the table function, whose queue runs empty, so that the event loop turns.
 */
export function registerTurnFunction(connection: DuckDBConnection): void {
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: FUNCTION_NAME,
      parameterTypes: [UTINYINT],
      returnType: BOOLEAN,
      volatile: true,
      mainFunction(_info, input, output) {
        const turns = input.getColumnVector(0);
        for (let row = 0; row < input.rowCount; row++) {
          output.setItem(row, turns.getItem(row) === Turn.Pause);
        }
        output.flush();
      },
    }),
  );
}

/** A condition that is true of every row but fillers; a thread that meets a {@link Turn} other than none in `column` pauses. */
export function keeping(column: string): string {
  // The branch of a CASE is computed for chunks that have rows for it alone; of an OR, DuckDB swaps the sides.
  return `CASE WHEN ${column} = ${Turn.None} THEN true ELSE ${FUNCTION_NAME}(${column}) END`;
}
