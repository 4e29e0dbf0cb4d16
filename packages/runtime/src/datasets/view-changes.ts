import { type Logger, MillraceError } from '@millrace/core';
import type { DatasetConfig, ResolvedConfig, ViewConfig, ViewInput } from '../config/index.ts';
import { resolveViewDefinition } from '../config/resolve-definition.ts';
import { isSameDefinition } from '../config/same-definition.ts';
import { toComparisonKey, toNameKey } from '../config/table-name.ts';
import { checkReaders } from '../query/check-readers.ts';
import { tableKey } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { AcceleratedViews } from './accelerated-views.ts';
import type { ConfiguredViews } from './configured-views.ts';
import type { Dataset } from './dataset.ts';
import type { DatasetChange, RemoveDatasetOptions } from './dataset-changes.ts';
import type { DatasetSwaps } from './dataset-swaps.ts';
import { findView } from './find-view.ts';
import { isAccelerated, type PlannedView } from './plan-views.ts';
import type { Turns } from './turns.ts';
import { viewError } from './view-error.ts';
import type { ViewSwaps } from './view-swaps.ts';

/** What {@link ViewChanges} works with. */
export interface ViewChangesParts {
  /** The configuration as it is now. */
  readonly config: () => ResolvedConfig;
  readonly datasets: readonly Dataset[];
  readonly engine: QueryEngine;
  readonly logger: Logger;
  readonly swaps: DatasetSwaps;
  readonly views: ConfiguredViews;
  readonly viewSwaps: ViewSwaps;
  readonly accelerated: AcceleratedViews;
  /** Changes of one name come one after the other, those of datasets too. */
  readonly turns: Turns;
  /** Called after a view has become known to SQL. */
  readonly onRegistered: () => Promise<void>;
}

/** Adds, updates and removes views, accelerated or not, while statements run. */
export class ViewChanges {
  readonly #parts: ViewChangesParts;

  constructor(parts: ViewChangesParts) {
    this.#parts = parts;
  }

  /**
   * Adds a view; one with the same definition is left as it is.
   * @throws MillraceError as loading a configuration does; `already_exists` for another definition of that name; what its query fails with.
   */
  add(definition: ViewInput): Promise<DatasetChange> {
    return this.#inTurn(definition, async (view) => {
      const { accelerated, engine, swaps, viewSwaps, onRegistered } = this.#parts;
      const existing = this.#find(view);
      if (existing && isSameDefinition(existing, view)) return 'unchanged';
      if (existing) throw alreadyThere(view);
      const planned = await this.#plan(view);
      if (isAccelerated(view)) {
        await connected(view, accelerated.toView(planned).connect());
        await viewSwaps.putCopy(planned);
      } else
        await swaps.commit(async () => {
          await this.#resolve(definition);
          await connected(view, engine.checkView(view));
          await viewSwaps.putQuery(planned);
        });
      await onRegistered();
      return 'added';
    });
  }

  /**
   * Gives a view another definition, with a copy or without. What it was answers until the new one can.
   * @throws MillraceError as loading a configuration does; `unknown_table`; why the new definition cannot be served, or a view not be made over
   * it. The old definition stays in place then.
   */
  update(definition: ViewInput): Promise<DatasetChange> {
    return this.#inTurn(definition, async (view) => {
      const { accelerated, swaps, viewSwaps, views, onRegistered } = this.#parts;
      const old = findView(views.running, view.name.text);
      if (isSameDefinition(old, view)) return 'unchanged';
      const planned = await this.#plan(view);
      await this.#checkReaders(planned);
      if (isAccelerated(view)) await viewSwaps.putCopy(planned);
      else
        await swaps.commit(async () => {
          await this.#resolve(definition);
          await this.#checkReaders(planned);
          await viewSwaps.putQuery(planned);
        });
      await this.#renewReaders(view);
      const next = accelerated.find(view.name);
      if (next) accelerated.refreshReaders([next]);
      await onRegistered();
      return 'updated';
    });
  }

  /**
   * Removes a view; statements that run keep what they read. Says whether there was one of that name.
   * @throws MillraceError `invalid_state` while another view reads it or depends on it.
   */
  remove(name: string, { copy = 'keep' }: RemoveDatasetOptions = {}): Promise<boolean> {
    return this.#parts.turns.run(toNameKey(name), async () => {
      const { swaps, views, viewSwaps } = this.#parts;
      const view = views.running.find((each) => toComparisonKey(each.name) === toNameKey(name));
      if (!view) return false;
      await swaps.commit(async () => {
        this.requireUnused(view);
        await viewSwaps.remove(view, 'name', copy);
      });
      return true;
    });
  }

  /** @throws MillraceError `invalid_state` while another view reads it or depends on it. */
  requireUnused({ name }: ViewConfig): void {
    const { engine, views, accelerated } = this.#parts;
    const key = toComparisonKey(name);
    const dependent = views.running.find(({ dependsOn }) => dependsOn?.some((each) => toNameKey(each) === key));
    const [view] = engine.readersOf(name);
    // A view without a copy is not among what accelerated views read, but part of their definitions.
    const reader = accelerated.datasets.find(({ view: each }) =>
      each?.planned.uses.some((used) => tableKey(used) === tableKey(name)),
    );
    const user = dependent?.name.text ?? reader?.config.name.text ?? view?.name.table;
    if (user === undefined) return;
    throw new MillraceError({
      code: 'invalid_state',
      component: `view ${name.text}`,
      message: `it cannot be removed: view ${user} ${dependent ? 'depends on it' : 'reads it'}`,
      hint: 'Remove or change that first.',
    });
  }

  /** Views that are read through this one have other definitions with it; those with copies are loaded anew, each behind what it reads. */
  async #renewReaders(view: ViewConfig): Promise<void> {
    const { views, viewSwaps, accelerated, logger } = this.#parts;
    const planned = await views.plan(views.running);
    for (const each of planned) {
      if (each.view === view || !isAccelerated(each.view) || viewSwaps.isCurrent(each)) continue;
      await viewSwaps.putCopy(each).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        logger.warn('an accelerated view keeps the rows of its former definition', {
          view: each.view.name.text,
          reason,
        });
      });
    }
    accelerated.arrange(planned);
  }

  /** @throws MillraceError for a view that could not be made over this one any more. */
  async #checkReaders({ view }: PlannedView): Promise<void> {
    const { engine, accelerated } = this.#parts;
    const { name } = view;
    const sql = await connected(view, engine.checkView(view));
    const schema = await connected(view, engine.describe(`SELECT * FROM (\n${sql}\n) AS __millrace_rows`));
    const provider = () => {
      throw new TypeError('the rows of a view that is checked were read');
    };
    const copies = accelerated.datasets.flatMap(({ view: each }) => {
      const isReader = each?.planned.uses.some((used) => tableKey(used) === tableKey(name)) === true;
      return isReader ? each.planned.view : [];
    });
    await checkReaders(engine, { name, schema, provider }, copies);
  }

  async #plan(view: ViewConfig): Promise<PlannedView> {
    const { views } = this.#parts;
    const key = toComparisonKey(view.name);
    const others = views.running.filter(({ name }) => toComparisonKey(name) !== key);
    const planned = await views.plan([...others, view]);
    return planned.find((each) => each.view === view)!;
  }

  async #inTurn(definition: ViewInput, work: (view: ViewConfig) => Promise<DatasetChange>): Promise<DatasetChange> {
    // A name that cannot be used is told by the check, too.
    const { name } = await this.#resolve(definition);
    return this.#parts.turns.run(toComparisonKey(name), async () => work(await this.#resolve(definition)));
  }

  async #resolve(definition: ViewInput): Promise<ViewConfig> {
    const { config, datasets, views, logger } = this.#parts;
    const { config: view, warnings } = await resolveViewDefinition(definition, {
      ...config(),
      views: views.running,
      datasets: datasets.map((each): DatasetConfig => each.config),
    });
    for (const { message } of warnings) logger.warn(message);
    return view;
  }

  #find({ name }: ViewConfig): ViewConfig | undefined {
    const key = toComparisonKey(name);
    return this.#parts.views.running.find((view) => toComparisonKey(view.name) === key);
  }
}

/** What a query fails with is said of the view. */
async function connected<T>(view: ViewConfig, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw viewError(view, error);
  });
}

function alreadyThere({ name }: ViewConfig): MillraceError {
  return new MillraceError({
    code: 'already_exists',
    component: `view ${name.text}`,
    message: 'there is one of that name with another definition',
    hint: 'Use updateView to change it.',
  });
}
