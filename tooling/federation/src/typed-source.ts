/** The sources that every accelerator is fed from. */
export type SourceKind = 'file' | 'memory' | 'postgres' | 'mysql' | 'sqlite';

/** A table of all types in a source, in the words of a configuration. */
export interface TypedSource {
  readonly from: string;
  readonly params: Readonly<Record<string, string>>;
  /** Adds the rows from `start` on, before `end`. */
  insert(range: { readonly start: number; readonly end: number }): Promise<void>;
  close(): Promise<void>;
}
