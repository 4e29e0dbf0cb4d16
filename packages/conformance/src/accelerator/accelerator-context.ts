import type { BuildValue, RowValue } from '@millrace/arrow';
import type {
  AcceleratedTable,
  AccelerationMode,
  BootstrapStatus,
  CreateTableCommand,
  DataAccelerator,
  Field,
  Schema,
} from '@millrace/core';
import type { CheckContext } from '../check-context.ts';
import type { FailureDetails } from '../failure.ts';
import type { AcceleratorSubject } from './accelerator-subject.ts';
import type { AcceleratorSuite } from './accelerator-suite.ts';

/** What a check of an accelerator works with. */
export interface AcceleratorContext {
  readonly suite: AcceleratorSuite;
  readonly subject: AcceleratorSubject;
  /** The mode of this run. */
  readonly mode: AccelerationMode;
  /** Picks between the counts of a full and of a reduced run. */
  count(full: number, reduced: number): number;
  /** Opens an accelerated table as a host does; shut down with the check. */
  open(request?: OpenAcceleratedRequest): Promise<Accelerated>;
  /** The folder of this check alone, for {@link OpenAcceleratedRequest.dataDirectory}. */
  folder(): Promise<string>;
  /** Rows of the source as readers of the accelerated table see them. */
  expected(fields: readonly Field[], rows: readonly (readonly BuildValue[])[]): readonly (readonly RowValue[])[];
  /** Accelerated tables behind a connector, for the checks that ask the same of every table. */
  tables(): Promise<CheckContext>;
  /** Skips the check where tables know no append refresh. */
  requireAppend(): void;
  /** Skips the check where tables cannot apply changes. */
  requireChanges(): void;
  /** Skips, in short runs, a check whose answer does not depend on where rows live, in all modes but the first. */
  requireFirstMode(): void;
  /** Skips the check outside of mode file. */
  requireFiles(): void;
  /** What the accelerators logged so far, in text. */
  readonly log: readonly string[];
  /** Promises that were rejected with nobody listening. */
  readonly unhandled: readonly unknown[];
  /** Ends the check as not applicable. */
  skip(reason: string): never;
  /** Fails the check; the check's own `fix` is added. */
  fail(details: Omit<FailureDetails, 'fix'>): never;
  /** Says something that belongs to the result. */
  note(text: string): void;
}

/** A table to accelerate. */
export interface OpenAcceleratedRequest {
  /** Default: a name that no other table has. */
  readonly name?: string;
  /** Default: those of the suite's events. */
  readonly fields?: readonly Field[];
  readonly definitionHash?: string;
  readonly primaryKey?: CreateTableCommand['primaryKey'];
  readonly indexes?: CreateTableCommand['indexes'];
  readonly onConflict?: CreateTableCommand['onConflict'];
  /** Default: `append` where tables know it, else `full`. */
  readonly refreshMode?: CreateTableCommand['refreshMode'];
  readonly parameters?: Readonly<Record<string, string>>;
  /** Default: the subject's. */
  readonly dataDirectory?: string;
  /** Default: that of the run. */
  readonly mode?: AccelerationMode;
}

/** An accelerated table and its accelerator. */
export interface Accelerated {
  readonly accelerator: DataAccelerator;
  readonly command: CreateTableCommand;
  /** What `init` found. */
  readonly status: BootstrapStatus;
  readonly table: AcceleratedTable;
  /** Columns of the source. */
  readonly schema: Schema;
  shutdown(): Promise<void>;
}
