/** Where the copies of one test are kept. */
export interface OpenedEngine {
  /** For `acceleration.params` of each of its datasets. */
  readonly params: Readonly<Record<string, string>>;
  /** Once no runtime uses it any more. */
  close(): Promise<void>;
}
