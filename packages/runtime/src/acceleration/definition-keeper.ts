import { schemasEqual } from '@millrace/arrow';
import type { AcceleratedTable, CreateTableCommand, DataAccelerator, MillraceError, Schema } from '@millrace/core';
import type { AccelerationConfig } from '../config/index.ts';
import type { ConnectedSource, Dataset } from '../datasets/dataset.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { Clock } from './clock.ts';
import { compareColumns, hasChanges } from './column-changes.ts';
import { type CopyDefinition, openDefinition, storedSchema, withNullsOf } from './copy-definition.ts';
import { migrateRows } from './migrate-rows.ts';
import { haveSameTypes } from './queried-rows.ts';
import type { RefreshOverrides } from './refresh-run.ts';
import { blockedError, judgeChanges, schemaRuleOf } from './schema-change-rule.ts';
import { keepsTimes } from './time-column.ts';

/** What a {@link DefinitionKeeper} works with. */
export interface DefinitionKeeperParts {
  readonly dataset: Dataset;
  readonly config: AccelerationConfig;
  readonly mode: 'full' | 'append';
  readonly engine: QueryEngine;
  readonly accelerator: DataAccelerator;
  readonly canRedefine: boolean;
  readonly table: AcceleratedTable;
  /** Looks for the dataset's source anew. */
  readonly find: () => Promise<ConnectedSource>;
  readonly clock: Clock;
  /** The dataset's source is the one that was found. */
  readonly adopt: (found: ConnectedSource) => Promise<void>;
  /** Makes sure that all that goes by the columns could go by these. @throws MillraceError `invalid_config`. */
  readonly check: (schema: Schema) => Promise<void>;
  /** Lets all that goes by the columns of the table go by what they are now. */
  readonly onRedefined: (definition: CopyDefinition) => Promise<void>;
}

/** A definition as a copy was opened by it. */
export interface OpenedDefinition {
  readonly definition: CopyDefinition;
  readonly found: ConnectedSource;
  /** Whether the table has its columns, or those of an earlier definition. */
  readonly columns: 'wanted' | 'held';
}

/** How long what was seen of a source when its dataset was connected is good enough for the first load, which follows at once as a rule. */
const FRESH_MS = 10_000;

/** A refresh that gives the table other columns. */
export interface Redefinition {
  readonly command: CreateTableCommand;
  /** Runs the commit; whoever asks for the table meanwhile waits until the new columns are known everywhere. */
  publish(commit: () => Promise<unknown>): Promise<void>;
}

/**
 * Keeps what a copy is in step with the columns of its source: before each refresh the source is looked at, and `on_schema_change` decides what
 * becomes of the copy where they differ.
 */
export class DefinitionKeeper {
  readonly #parts: DefinitionKeeperParts;
  #current: CopyDefinition;
  /** Whether the table has the columns of the current definition. */
  #fits: boolean;
  /** The source as it was found last. */
  #found: ConnectedSource;
  #failure: MillraceError | undefined;
  /** Whether all that goes by the columns of the table goes by those that it has now. */
  #isKnown = true;
  #publishing: Promise<unknown> | undefined;
  readonly #retired: CopyDefinition[] = [];
  /** Until when the source that was found at first need not be looked at again. */
  #freshUntilMs: number;

  /** `held`: the table has the columns of the definition. */
  constructor(parts: DefinitionKeeperParts, opened: OpenedDefinition) {
    this.#parts = parts;
    this.#current = opened.definition;
    this.#fits = opened.columns === 'held';
    this.#found = opened.found;
    const { dataset, table, clock } = parts;
    // A view is connected before what it reads is loaded, and rows that were found may be of other columns.
    const isFirst = !table.checkpoint && !dataset.view && !opened.found.absence;
    this.#freshUntilMs = isFirst ? clock.now() + FRESH_MS : Number.NEGATIVE_INFINITY;
  }

  get current(): CopyDefinition {
    return this.#current;
  }

  /** Whether the next refresh has to look at the columns, however young the rows are. */
  get isPending(): boolean {
    return !this.#fits;
  }

  /** Why the copy is neither refreshed nor served. */
  get failure(): MillraceError | undefined {
    return schemaRuleOf(this.#parts.dataset.config) === 'fail' ? this.#failure : undefined;
  }

  /** Settles once a change of the columns that is being published is known everywhere. */
  async settled(): Promise<void> {
    await this.#publishing?.catch(() => undefined);
  }

  /**
   * Looks at the source before a refresh; undefined where the table keeps its columns, or has been given the new ones with its rows.
   * @throws MillraceError `schema_mismatch` for a change that is not allowed, `invalid_config` where fields do not fit the new columns.
   */
  async prepare(overrides: RefreshOverrides, signal: AbortSignal): Promise<Redefinition | undefined> {
    const { adopt } = this.#parts;
    const found = await this.#look();
    this.#found = found;
    if (!schemasEqual(found.provider.schema, this.#current.sourceSchema)) return this.#change(found, overrides, signal);
    this.#current.connect(found);
    if (!this.#fits) return this.#redefine(this.#current, overrides, signal);
    if (!this.#isKnown) {
      await this.#publish(this.#current, async () => {});
      return undefined;
    }
    await adopt(found);
    this.#failure = undefined;
    return undefined;
  }

  async close(): Promise<void> {
    for (const { source } of [...this.#retired.splice(0), this.#current]) await source.close();
  }

  /** The source as it is now; that of a first load was looked at just before. */
  async #look(): Promise<ConnectedSource> {
    const { find, clock } = this.#parts;
    const isFresh = clock.now() < this.#freshUntilMs;
    this.#freshUntilMs = Number.NEGATIVE_INFINITY;
    return isFresh ? this.#found : find();
  }

  async #change(
    found: ConnectedSource,
    overrides: RefreshOverrides,
    signal: AbortSignal,
  ): Promise<Redefinition | undefined> {
    const next = await openDefinition({ ...this.#parts, found });
    try {
      if (this.#fits && this.#isSameCopy(next)) {
        await this.#publish(next, async () => {});
        return undefined;
      }
      const redefinition = await this.#redefine(next, overrides, signal);
      // The rows of the load come through it, and so do those of the next one should this fail.
      if (this.#current !== next) this.#replace(next, 'wanted');
      return redefinition;
    } finally {
      if (this.#current !== next) await next.source.close();
    }
  }

  /** What a refresh_sql makes of the columns may be the same for other ones. */
  #isSameCopy({ source }: CopyDefinition): boolean {
    const { source: known } = this.#current;
    return this.#parts.canRedefine
      ? schemasEqual(source.schema, known.schema)
      : haveSameTypes(source.schema, known.schema);
  }

  async #redefine(
    next: CopyDefinition,
    overrides: RefreshOverrides,
    signal: AbortSignal,
  ): Promise<Redefinition | undefined> {
    const { dataset, mode, accelerator, canRedefine, table, check, engine } = this.#parts;
    const stored = storedSchema(accelerator, next.command);
    const changes = compareColumns(table.schema, stored);
    const rule = schemaRuleOf(dataset.config);
    const isChanged = table.checkpoint !== undefined && hasChanges(changes);
    const { activity } = engine.observer;
    if (isChanged) activity.schemaChanged(dataset.config.name.text);
    const publish = async (commit: () => Promise<unknown>): Promise<void> => {
      await this.#publish(next, commit);
      if (isChanged) activity.schemaChangeApplied(dataset.config.name.text);
    };
    const verdict = table.checkpoint ? judgeChanges(changes, rule) : 'recreate';
    if (verdict === 'block' || !canRedefine) {
      this.#failure = blockedError(dataset.config, changes, { rule, canRedefine });
      throw this.#failure;
    }
    await check(stored);
    // The watermark is written in the units of the time column; in those of another type it would be another time.
    const keepsRows =
      mode === 'append' &&
      verdict === 'redefine' &&
      overrides.mode !== 'full' &&
      keepsTimes(next.timeColumn, table.schema, stored);
    if (!keepsRows) return { command: next.command, publish };
    await migrateRows(
      {
        dataset: dataset.config.name.text,
        name: dataset.name,
        table,
        engine,
        command: { ...next.command, schema: withNullsOf(next.command.schema, table.schema) },
        publish,
      },
      signal,
    );
    return undefined;
  }

  async #publish(next: CopyDefinition, commit: () => Promise<unknown>): Promise<void> {
    const publishing = (async () => {
      await commit();
      this.#replace(next, 'held');
      this.#failure = undefined;
      this.#isKnown = false;
      await this.#parts.adopt(this.#found);
      await this.#parts.onRedefined(next);
      this.#isKnown = true;
    })();
    this.#publishing = publishing;
    try {
      await publishing;
    } finally {
      this.#publishing = undefined;
    }
  }

  /** What is read through an earlier definition is closed with the last one. */
  #replace(next: CopyDefinition, columns: 'wanted' | 'held'): void {
    if (this.#current !== next) this.#retired.push(this.#current);
    this.#current = next;
    this.#fits = columns === 'held';
  }
}
