/**
 * The memory that a host and its plugins may use together. A plugin that holds rows, or runs an engine with a limit of its own, asks here
 * first; one that does neither need not know of it. What is promised never comes to more than `totalBytes`.
 */
export interface MemoryBudget {
  /** It does not change. */
  readonly totalBytes: number;
  /**
   * Asks for memory of which the caller knows at any time how much it holds.
   *
   * @throws MillraceError `invalid_config` where a `setting` asks for more than there can be, `resource_exhausted` where there is not enough now.
   */
  hold(request: MemoryHoldRequest): Promise<MemoryHold>;
  /**
   * Asks for a limit that the host sets again as others come and go: at least `minBytes`, and its part of what nobody has asked for.
   *
   * @throws MillraceError as {@link hold}.
   */
  share(request: MemoryShareRequest): Promise<MemoryShare>;
}

/** What both kinds of requests say. */
export interface MemoryRequest {
  /** Whose memory it is, for messages and metrics, for example `dataset orders`. */
  readonly component: string;
  /** The parameter by which the user chose the size, for messages. */
  readonly setting?: string;
}

/** Memory that is wanted at first. */
export interface MemoryHoldRequest extends MemoryRequest {
  /** 0 and more. */
  readonly bytes: number;
}

/** Memory that is set aside until it is given back. */
export interface MemoryHold {
  readonly component: string;
  readonly bytes: number;
  /**
   * Asks to hold so many bytes in all, before they are taken; less than before is always granted. A refusal leaves what was held.
   *
   * @throws MillraceError `resource_exhausted`, retryable, where the others hold too much.
   */
  resize(bytes: number): Promise<void>;
  /** Gives everything back. Idempotent. */
  release(): Promise<void>;
}

/** A limit that is wanted. */
export interface MemoryShareRequest extends MemoryRequest {
  /** With less the engine cannot work. */
  readonly minBytes: number;
  /** More is of no use to it; default no bound. */
  readonly maxBytes?: number;
  /**
   * Sets another limit. Called one at a time, from the moment on that `share` has returned. Where it rejects the limit counts as unchanged: an
   * engine may refuse to be limited to less than it holds.
   */
  readonly apply: (bytes: number) => Promise<void>;
  /** What the engine holds at this moment, for metrics. */
  readonly readUse?: () => Promise<MemoryUse>;
}

/** A limit within the budget. */
export interface MemoryShare {
  readonly component: string;
  /** The limit at this moment. */
  readonly bytes: number;
  /** Gives it back; called when the engine is closed. Idempotent. */
  release(): Promise<void>;
}

/** What an engine holds. */
export interface MemoryUse {
  readonly usedBytes: number;
  /** Bytes that are in temporary files for want of memory. */
  readonly spilledBytes: number;
}
