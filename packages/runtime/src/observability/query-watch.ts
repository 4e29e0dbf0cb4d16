import type { RecordBatch } from '@millrace/core';
import type { QueryStream } from '@millrace/duckdb';
import type { Context } from '@opentelemetry/api';
import type { ActivityMetrics, QueryOutcome } from './activity-metrics.ts';
import { batchByteCount } from './batch-byte-count.ts';
import { errorCodeOf } from './describe-error.ts';
import type { OpenSpan, Tracing } from './tracing.ts';

/** What a {@link QueryWatch} tells of a query. */
export interface QueryWatchParts {
  readonly activity: ActivityMetrics;
  readonly tracing: Tracing;
  /** The statement, where the host wants it in its spans; without secrets. */
  readonly queryText: string | undefined;
  /** Called once, with its end. */
  readonly onEnd: (watch: QueryWatch) => void;
}

/** Longest summary of a query, in UTF-16 units, as the conventions say. */
const SUMMARY_LENGTH = 255;

/** Counts and traces one query, from the call to its last row. */
export class QueryWatch {
  readonly #parts: QueryWatchParts;
  readonly #span: OpenSpan;
  #execution: OpenSpan | undefined;
  #waitedMs = 0;
  /** When the last wait began. */
  #waitStart = 0;
  /** What had been waited for when the sources began to be read, or the statement to be run. */
  #preparedMs: number | undefined;
  #rowCount = 0;
  #byteCount = 0;
  #hasEnded = false;

  constructor(parts: QueryWatchParts) {
    this.#parts = parts;
    const { activity, tracing, queryText } = parts;
    this.#span = tracing.start({
      name: 'SELECT',
      attributes: {
        'db.system.name': 'millrace',
        'db.operation.name': 'SELECT',
        ...(queryText === undefined ? {} : { 'db.query.text': queryText }),
      },
    });
    activity.queryBegins();
  }

  /** Watches the start of the query; a failure is its end. */
  async start<T>(work: () => Promise<T>): Promise<T> {
    return this.#wait(() => this.#span.run(work));
  }

  /** The tables and views that the statement names. */
  reads(names: readonly string[]): void {
    if (!this.#span.isRecording) return;
    const summary = ['SELECT', ...names].join(' ').slice(0, SUMMARY_LENGTH);
    this.#span.rename(summary);
    this.#span.set({ 'db.query.summary': summary });
  }

  /** How the results cache took part. */
  cached(status: string): void {
    if (this.#span.isRecording) this.#span.set({ 'millrace.results_cache': status });
  }

  /** A part of the query that comes before its rows. */
  async stage<T>(name: 'plan' | 'stage', work: (context: Context) => Promise<T>): Promise<T> {
    if (name === 'stage') this.#preparedMs ??= this.#waitedSoFar();
    const span = this.#parts.tracing.start({ name: `millrace.${name}`, parent: this.#span.context });
    try {
      const result = await span.run(() => work(span.context));
      span.end();
      return result;
    } catch (error) {
      span.end(error);
      throw error;
    }
  }

  /** The engine begins to execute the statement; that ends with the query. */
  executes(): void {
    this.#preparedMs ??= this.#waitedSoFar();
    this.#execution?.end();
    this.#execution = this.#parts.tracing.start({ name: 'millrace.execute', parent: this.#span.context });
  }

  /** The rows of the query; reading them to the end, leaving them and their failure are the end of the query. */
  watch(stream: QueryStream): QueryStream {
    const close = async (): Promise<void> => {
      await stream.close();
      this.end('closed');
    };
    return {
      schema: stream.schema,
      close,
      [Symbol.asyncDispose]: close,
      [Symbol.asyncIterator]: () => {
        const batches = stream[Symbol.asyncIterator]();
        return {
          next: async () => {
            const result = await this.#wait(() => batches.next());
            if (result.done === true) this.end('complete');
            else this.#count(result.value);
            return result;
          },
          return: async () => {
            await batches.return?.();
            this.end('closed');
            return { done: true, value: undefined };
          },
        };
      },
    };
  }

  /** Ends the query, unless it has ended. */
  end(outcome: QueryOutcome['outcome'], failure?: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { activity, onEnd } = this.#parts;
    this.#execution?.end(failure);
    if (this.#span.isRecording) this.#span.set({ 'db.response.returned_rows': this.#rowCount });
    this.#span.end(failure);
    activity.queryEnded({
      outcome,
      ...(failure === undefined ? {} : { code: errorCodeOf(failure) }),
      waitedMs: this.#waitedMs,
      executedMs: this.#preparedMs === undefined ? undefined : Math.max(0, this.#waitedMs - this.#preparedMs),
      rowCount: this.#rowCount,
      byteCount: this.#byteCount,
    });
    onEnd(this);
  }

  async #wait<T>(work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    this.#waitStart = started;
    try {
      const result = await work();
      this.#waitedMs += performance.now() - started;
      return result;
    } catch (error) {
      this.#waitedMs += performance.now() - started;
      this.end('failed', error);
      throw error;
    }
  }

  #waitedSoFar(): number {
    return this.#waitedMs + performance.now() - this.#waitStart;
  }

  #count(batch: RecordBatch): void {
    this.#rowCount += batch.numRows;
    this.#byteCount += batchByteCount(batch);
  }
}

/** Runs a part of a query, watched or not. */
export function runStage<T>(
  watch: QueryWatch | undefined,
  name: 'plan' | 'stage',
  work: (context: Context | undefined) => Promise<T>,
): Promise<T> {
  return watch ? watch.stage(name, work) : work(undefined);
}
