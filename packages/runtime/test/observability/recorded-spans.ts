import { context, type Span, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

/** The spans of a process whose host has registered OpenTelemetry's SDK. */
export interface RecordedSpans {
  /** Those that have ended, in the order in which they did. */
  readonly spans: readonly ReadableSpan[];
  /** The one of that name; it is an error if there are more or none. */
  named(name: string): ReadableSpan;
  /** The names of a span's ancestors, the nearest first. */
  ancestorsOf(span: ReadableSpan): readonly string[];
  /** Runs work under a span of the host's. */
  underHostSpan<T>(name: string, work: () => Promise<T>): Promise<T>;
  clear(): void;
}

/** Registers the SDK for the rest of the process. */
export function recordSpans(): RecordedSpans {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const spans = () => exporter.getFinishedSpans();
  return {
    get spans() {
      return spans();
    },
    named: (name) => {
      const found = spans().filter((span) => span.name === name);
      const [first] = found;
      if (!first || found.length > 1)
        throw new Error(`${found.length} spans are named ${name} among ${spans().map((span) => span.name)}`);
      return first;
    },
    ancestorsOf: (span) => {
      const names: string[] = [];
      let parent = span.parentSpanContext?.spanId;
      while (parent !== undefined) {
        const found = spans().find((each) => each.spanContext().spanId === parent);
        if (!found) throw new Error(`a parent of ${span.name} has not ended`);
        names.push(found.name);
        parent = found.parentSpanContext?.spanId;
      }
      return names;
    },
    underHostSpan: (name, work) =>
      trace.getTracer('host').startActiveSpan(name, async (span: Span) => {
        try {
          return await work();
        } finally {
          span.end();
        }
      }),
    clear: () => exporter.reset(),
  };
}
