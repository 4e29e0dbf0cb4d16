import type { ExecutionPlan, RecordBatch } from '@millrace/core';
import { cancelledError } from '@millrace/core';
import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { RefreshTrigger } from '../acceleration/refresh-event.ts';
import { ActivityMetrics } from './activity-metrics.ts';
import { QueryWatch } from './query-watch.ts';
import { type TableOrigin, watchScan } from './scan-watch.ts';
import { type OpenSpan, Tracing } from './tracing.ts';

/** What an {@link Observer} is made from. */
export interface ObserverParts {
  /** Takes secrets out of texts. */
  readonly redact: (text: string) => string;
  /** `on` puts statements into spans. */
  readonly queryText: 'on' | 'off';
}

/** A scan of a table. */
export interface ObservedScan {
  /** Undefined for a table that the runtime reads for purposes of its own, which is not told. */
  readonly origin: TableOrigin | undefined;
  readonly plan: ExecutionPlan;
  readonly batches: AsyncGenerator<RecordBatch, void, undefined>;
  readonly parent?: Context | undefined;
}

/** Counts and traces what a runtime does: queries, scans and refreshes. */
export class Observer {
  readonly activity: ActivityMetrics = new ActivityMetrics();
  readonly #parts: ObserverParts;
  readonly #tracing: Tracing;
  readonly #queries = new Set<QueryWatch>();

  constructor(parts: ObserverParts) {
    this.#parts = parts;
    this.#tracing = new Tracing(parts.redact);
  }

  /** A query of the host's, whose span nests under what is active. */
  query(sql: string): QueryWatch {
    const watch = new QueryWatch({
      activity: this.activity,
      tracing: this.#tracing,
      queryText: this.#textOf(sql),
      onEnd: (ended) => void this.#queries.delete(ended),
    });
    this.#queries.add(watch);
    return watch;
  }

  /** The batches of a scan, watched while they are read. */
  scan({ origin, plan, batches, parent }: ObservedScan): AsyncGenerator<RecordBatch, void, undefined> {
    if (!origin) return batches;
    const statement = () => this.#textOf(plan.explain().statement);
    return watchScan({
      origin,
      plan,
      batches,
      parent,
      activity: this.activity,
      tracing: this.#tracing,
      statement,
    });
  }

  /** A refresh, which nests under what is active where somebody asked for it, and else under nothing. */
  refresh(dataset: string, trigger: RefreshTrigger): OpenSpan {
    return this.#tracing.start({
      name: `refresh ${dataset}`,
      ...(trigger === 'request' ? {} : { parent: ROOT_CONTEXT }),
      attributes: {
        'db.system.name': 'millrace',
        'db.operation.name': 'refresh',
        'db.collection.name': dataset,
        'millrace.trigger': trigger,
      },
    });
  }

  /** Ends the queries whose rows nobody reads any more, as the runtime closes. */
  close(): void {
    for (const watch of [...this.#queries]) watch.end('failed', cancelledError('query', AbortSignal.abort()));
  }

  #textOf(text: string | undefined): string | undefined {
    return text === undefined || this.#parts.queryText === 'off' ? undefined : this.#parts.redact(text);
  }
}
