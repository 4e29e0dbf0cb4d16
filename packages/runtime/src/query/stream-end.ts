import type { StreamOutcome } from '@millrace/duckdb';

/**
 * The end of a stream, told only where the stream was given out: of one that could not be started, or is given up, the engine tells as well, and its
 * statement may go on elsewhere.
 */
export class StreamEnd {
  readonly #tell: ((outcome: StreamOutcome) => void) | undefined;
  #isGivenOut = false;
  #outcome: StreamOutcome | undefined;

  constructor(tell: ((outcome: StreamOutcome) => void) | undefined) {
    this.#tell = tell;
  }

  /** The stream holds nothing any more. */
  readonly come = (outcome: StreamOutcome): void => {
    this.#outcome = outcome;
    if (this.#isGivenOut) this.#tell?.(outcome);
  };

  /** Whoever has it now is told of its end, which may have come already. */
  giveOut<Stream>(stream: Stream): Stream {
    this.#isGivenOut = true;
    if (this.#outcome !== undefined) this.#tell?.(this.#outcome);
    return stream;
  }
}
