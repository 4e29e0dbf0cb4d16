/** What one component may hold, and does. Components of one name are one. */
export interface ComponentMemory {
  /** For example `query engine`, `dataset orders`, `file connector`. */
  readonly component: string;
  /** Bytes that are set aside for it: the limit of an engine, or what it holds. They are part of the budget. */
  readonly reservedBytes: number;
  /** Bytes that it held when it was asked last; for whoever holds what is reserved, that. */
  readonly usedBytes: number;
  /** Bytes of it that were in temporary files then, for want of memory. */
  readonly spilledBytes: number;
}

/** The memory of a runtime. */
export interface MemoryStatus {
  /** What everything together may use: `runtime.memory_limit`. */
  readonly limitBytes: number;
  /** Requests for memory that were refused. */
  readonly refusalCount: number;
  readonly components: readonly ComponentMemory[];
}
