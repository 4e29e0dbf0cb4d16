import type { DuckDBConnection } from '@duckdb/node-api';

/**
 * Lets single statements of an instance be planned with join filters, which are off for all others.
 *
 * DuckDB 1.5.5 can filter one side of a join by the values of the other while it reads them, and does so below a LIMIT or DISTINCT ON
 * too, which then keeps other rows (https://github.com/duckdb/duckdb/pull/22963). The setting that turns this off belongs to the whole
 * instance, and whatever plans a statement reads it without a lock: a change at that moment would be a race inside DuckDB. So the
 * filters are turned on only while no other statement of the instance is being planned or started, and off again once the one statement
 * is prepared; statements that come meanwhile wait for that. Where another one is under way, nobody waits, and the statement does without.
 */
export class JoinFilterSwitch {
  /** The setting that is changed. */
  static readonly setting: string = 'disabled_optimizers';
  /** Its value while the filters are off, in which every instance starts. */
  static readonly off: string = 'join_filter_pushdown';

  readonly #connection: DuckDBConnection;
  /** Statements that are being planned or started: DuckDB may plan one again when it starts. */
  #running = 0;
  /** Settles when the filters are off again. */
  #turnedOn: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** The connection becomes the switch's own. */
  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /** Runs what plans and starts a statement. Every statement of the instance runs in here. */
  async attend<T>(start: () => Promise<T>): Promise<T> {
    while (this.#turnedOn !== undefined) await this.#turnedOn;
    // If the filters could not be turned off, the next statement might lose rows.
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#running += 1;
    try {
      return await start();
    } finally {
      this.#running -= 1;
    }
  }

  /** Prepares a statement that {@link attend} runs, with join filters if it is the only one. */
  prepareWithFilters<T>(prepare: () => Promise<T>): Promise<T> {
    if (this.#running > 1) return prepare();
    const prepared = this.#withFilters(prepare);
    const settle = () => {
      this.#turnedOn = undefined;
    };
    this.#turnedOn = prepared.then(settle, settle);
    return prepared;
  }

  /** Frees the connection; no statement is under way any more. */
  close(): void {
    this.#connection.closeSync();
  }

  async #withFilters<T>(prepare: () => Promise<T>): Promise<T> {
    await this.#set('');
    try {
      return await prepare();
    } finally {
      await this.#set(JoinFilterSwitch.off).catch((error: unknown) => {
        this.#failure = { error };
      });
    }
  }

  async #set(value: string): Promise<void> {
    await this.#connection.run(`SET GLOBAL ${JoinFilterSwitch.setting} = '${value}'`);
  }
}
