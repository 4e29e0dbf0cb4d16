import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { describeError, errorCodeOf } from './describe-error.ts';

/** A span that is going to be opened. */
export interface SpanRequest {
  readonly name: string;
  /** Under what it nests; default what is active. */
  readonly parent?: Context | undefined;
  /** `client` for what asks a source; default `internal`. */
  readonly kind?: 'internal' | 'client';
  readonly attributes?: Attributes;
}

/** A span that has begun. */
export interface OpenSpan {
  /** What nests under the span, nests under this. */
  readonly context: Context;
  /** Whether anybody will see the span, so that it is worth saying more of it. */
  readonly isRecording: boolean;
  rename(name: string): void;
  set(attributes: Attributes): void;
  /** Runs work, and what that starts, under the span. */
  run<T>(work: () => T): T;
  /** Ends it, once; with what it failed with, or without. */
  end(failure?: unknown): void;
}

/**
 * Makes spans by OpenTelemetry's API. Where the host has registered no SDK, or does not sample, every call is one that does nothing.
 *
 * Source of names and attributes: https://opentelemetry.io/docs/specs/semconv/database/database-spans/.
 */
export class Tracing {
  readonly #redact: (text: string) => string;
  readonly #tracer: Tracer;

  /** `redact` takes secrets out of the messages of errors. */
  constructor(redact: (text: string) => string) {
    this.#redact = redact;
    this.#tracer = trace.getTracer('@millrace/runtime');
  }

  start({ name, parent = context.active(), kind = 'internal', attributes = {} }: SpanRequest): OpenSpan {
    const options = { kind: kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL, attributes };
    const span = this.#tracer.startSpan(name, options, parent);
    const own = trace.setSpan(parent, span);
    let hasEnded = false;
    return {
      context: own,
      isRecording: span.isRecording(),
      rename: (newName) => void span.updateName(newName),
      set: (more) => void span.setAttributes(more),
      run: (work) => context.with(own, work),
      end: (failure) => {
        if (hasEnded) return;
        hasEnded = true;
        if (failure !== undefined && span.isRecording()) this.#tellFailure(span, failure);
        span.end();
      },
    };
  }

  #tellFailure(span: Span, failure: unknown): void {
    span.setAttribute('error.type', errorCodeOf(failure));
    span.setStatus({ code: SpanStatusCode.ERROR, message: this.#redact(describeError(failure)) });
  }
}
