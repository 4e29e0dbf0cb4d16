import type { AccelerationMode } from '@millrace/core';
import type { EngineAdapter } from '../sql/engine-adapter.ts';
import type { AcceleratorCapabilities, AcceleratorSubject } from './accelerator-subject.ts';

/** An accelerator to check, and how far. */
export interface AcceleratorSuite {
  /** For the titles of tests. */
  readonly name: string;
  /** As declared in the manifest. */
  readonly capabilities: AcceleratorCapabilities;
  /** Opens a subject; called once for each mode. */
  open(mode: AccelerationMode): Promise<AcceleratorSubject>;
  /** Modes to run, of those that the capabilities list; default all. */
  readonly modes?: readonly AccelerationMode[];
  /** Runs SQL over accelerated tables; without it the checks of SQL are skipped. */
  readonly engine?: EngineAdapter;
  /** Checks that are known to fail, by mode and id, and why. A waived check that passes is a failure. */
  readonly waivers?: Readonly<Partial<Record<AccelerationMode, Readonly<Record<string, string>>>>>;
  /** Large counts. Default: whether MILLRACE_TEST_FULL is 1. */
  readonly size?: 'full' | 'reduced';
}
