import type { ConnectorCapabilities } from './capabilities.ts';
import type { EngineAdapter } from './sql/engine-adapter.ts';
import type { ConnectorSubject } from './subject.ts';

/** A connector to check, and how far. */
export interface ConnectorSuite {
  /** For the titles of tests. */
  readonly name: string;
  /** As declared in the manifest. */
  readonly capabilities: ConnectorCapabilities;
  /** Opens a source that is empty and used by nobody else. */
  open(): Promise<ConnectorSubject>;
  /** Runs SQL over the connector; without it the chapter about SQL is skipped. */
  readonly engine?: EngineAdapter;
  /** How many connections the connector holds at most; default 4. */
  readonly poolSize?: number;
  /** Checks by id that are known to fail, and why. A waived check that passes is a failure: the waiver is then out of date. */
  readonly waivers?: Readonly<Record<string, string>>;
  /** Large counts: 2,000 tables, 1,000 aborted scans. Default: whether MILLRACE_TEST_FULL is 1. */
  readonly size?: 'full' | 'reduced';
}
