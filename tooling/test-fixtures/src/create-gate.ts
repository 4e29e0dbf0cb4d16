/** A point that something waits at until a test lets it pass. */
export interface Gate {
  /** Settles once the gate is open. */
  readonly opened: Promise<void>;
  /** Idempotent. */
  readonly open: () => void;
}

/** Makes a gate, which is closed. */
export function createGate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
