import type { DataConnector, ScanContext, TableProvider } from '@millrace/core';
import type { ConnectorCapabilities } from './capabilities.ts';
import type { FailureDetails } from './failure.ts';
import type { Fixture, TableSpec } from './fixture.ts';
import type { EngineSession } from './sql/engine-adapter.ts';
import type { ConnectorSubject, SourceAdmin, TableLocation } from './subject.ts';
import type { ConnectorSuite } from './suite.ts';

/** What a check works with. Tables are created once and shared by the checks of a run. */
export interface CheckContext {
  readonly suite: ConnectorSuite;
  readonly subject: ConnectorSubject;
  readonly source: SourceAdmin;
  readonly capabilities: ConnectorCapabilities;
  /** Connections that the connector holds at most. */
  readonly poolSize: number;
  /** Picks between the counts of a full and of a reduced run. */
  count(full: number, reduced: number): number;
  /** The connector that most checks share. */
  connector(): Promise<OpenConnector>;
  /** A connector of the check's own; closed with it. */
  connect(overrides?: Readonly<Record<string, string>>): Promise<OpenConnector>;
  /** The table at the source; a source that cannot have it skips the check. */
  fixture(spec: TableSpec): Promise<Fixture>;
  /** The table, through the shared connector. */
  open(fixture: Fixture | TableLocation): Promise<TableProvider>;
  /** SQL over the suite's tables; skips where no engine was given. */
  engine(): Promise<EngineSession>;
  /** What the connector logged so far, in text. */
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

/** A connector and how datasets are opened through it. */
export interface OpenConnector {
  readonly connector: DataConnector;
  table(location: TableLocation, options?: OpenTableOptions): Promise<TableProvider>;
  close(): Promise<void>;
}

/** Variations of a dataset. */
export interface OpenTableOptions {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly unsupportedTypeAction?: 'error' | 'warn' | 'ignore' | 'string';
  readonly context?: ScanContext;
}
