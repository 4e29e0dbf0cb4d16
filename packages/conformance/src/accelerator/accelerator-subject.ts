import type { BuildValue } from '@millrace/arrow';
import type { AccelerationMode, AcceleratorPlugin, Field } from '@millrace/core';

/** What is under test: an accelerator, the parameters of its tables, and a folder that nobody else uses. */
export interface AcceleratorSubject {
  readonly plugin: AcceleratorPlugin;
  /** Parameters of every table by mode, by the names that users write, prefix included. Default: none. */
  readonly parameters?: Readonly<Partial<Record<AccelerationMode, Readonly<Record<string, string>>>>>;
  /** Given to accelerators as their data directory, or a folder within it. Absolute, empty, exists. */
  readonly dataDirectory: string;
  /** What hosts offer as their query engine. Default: nothing. */
  readonly engine?: object;
  /**
   * The field that readers of an accelerated table get for a column of the source: the documented mapping of types. Undefined where the
   * accelerator does not store the type. Default: the same field.
   */
  present?(field: Field): Field | undefined;
  /** False for a value of a stored type that cannot be kept. Default: true. */
  holds?(field: Field, value: BuildValue): boolean;
  /** Most columns of a table; default 300. */
  readonly maxColumns?: number;
  /** Parameters under which a table may take about so many bytes of memory; leave it out where there is no limit. */
  memoryLimit?(bytes: number): Readonly<Record<string, string>>;
  readonly faults?: AcceleratorFaults;
  /**
   * Lets go of whatever the plugin keeps in this process between two accelerators, so that the next one starts as in a new process.
   * Called after the last one was shut down. Default: nothing.
   */
  reopen?(): Promise<void>;
  /** Ends the run, after every accelerator was shut down. */
  close(): Promise<void>;
}

/** How the files of a table are broken. */
export interface AcceleratorFaults {
  /**
   * Takes away the right to write a path and everything beside it; the result gives it back. Default: permissions, and as root another
   * effective user meanwhile.
   */
  makeReadOnly?(path: string): Promise<() => Promise<void>>;
  /**
   * Lets no file of this process grow beyond so many bytes, as a full disk does; the result lifts the limit. Default: the limit that the system has
   * for a process, where `prlimit` can set it.
   */
  limitFiles?(bytes: number): Promise<() => Promise<void>>;
  /** Damages a file as a torn disk does, while nobody has it open. Default: bytes at its start are overwritten. */
  damage?(path: string): Promise<void>;
}

/** What an accelerator can do: the `capabilities` of its manifest, which may be passed as they are. */
export interface AcceleratorCapabilities {
  /** `memory`, `file`. */
  readonly modes: readonly string[];
  /** `full`, `append`, `changes`. */
  readonly refresh: readonly string[];
  /** Kind of the native relation that its tables offer. */
  readonly nativeRelation?: string;
}
