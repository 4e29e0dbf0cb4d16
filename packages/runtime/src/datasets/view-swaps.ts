import { isDeepStrictEqual } from 'node:util';
import { MillraceError } from '@millrace/core';
import type { ViewConfig } from '../config/index.ts';
import { isSameDefinition } from '../config/same-definition.ts';
import { toComparisonKey } from '../config/table-name.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { toViewDataset } from './accelerated-view.ts';
import type { AcceleratedViews } from './accelerated-views.ts';
import type { ConfiguredViews } from './configured-views.ts';
import type { Dataset } from './dataset.ts';
import type { DatasetSwaps } from './dataset-swaps.ts';
import { keepsCopy } from './keeps-copy.ts';
import { isAccelerated, type PlannedView } from './plan-views.ts';
import { viewError } from './view-error.ts';

/** What {@link ViewSwaps} works with. */
export interface ViewSwapsParts {
  readonly engine: QueryEngine;
  readonly swaps: DatasetSwaps;
  readonly views: ConfiguredViews;
  readonly accelerated: AcceleratedViews;
  /** Whether an error is that of a source, which may come back, and not a mistake. */
  readonly isSourceFailure: (error: unknown) => boolean;
}

/** The steps of which changes of views are made, whether they have copies or not. */
export class ViewSwaps {
  readonly #parts: ViewSwapsParts;

  constructor(parts: ViewSwapsParts) {
    this.#parts = parts;
  }

  /** Whether a view runs by that plan: its own definition, and that of the views without copies that it reads through. */
  isCurrent({ view, definition }: PlannedView): boolean {
    const { views, accelerated } = this.#parts;
    const running = views.running.find(({ name }) => isSameName(name, view.name));
    if (!running || !isSameDefinition(running, view)) return false;
    return !isAccelerated(view) || isDeepStrictEqual(accelerated.find(view.name)?.view?.definition, definition);
  }

  /**
   * Makes a view without a copy known, in the place of whatever has its name; part of a commit.
   * @throws MillraceError for a mistake in it; what was there stays.
   */
  async putQuery({ view }: PlannedView): Promise<void> {
    const { engine, swaps, views, accelerated } = this.#parts;
    const former = accelerated.find(view.name);
    // What has rows to answer with does not give way to what cannot answer.
    if (former) {
      await engine.checkView(view);
      await swaps.withhold(former);
    }
    await views.put(view).catch((error: unknown) => {
      if (former) swaps.keep(former);
      throw error;
    });
    if (former) await swaps.letGo(former, 'drop');
  }

  /**
   * Gives a view its copy, in the place of whatever has its name, which answers until the copy can; a new one goes on loading.
   * @throws MillraceError for a mistake in it, or why it cannot be loaded; what was there stays.
   */
  async putCopy(planned: PlannedView): Promise<void> {
    const { view } = planned;
    const { swaps, views, accelerated } = this.#parts;
    const former = accelerated.find(view.name);
    if (former && this.#keepsCopy(former, planned)) {
      await swaps.commit(async () => {
        await swaps.retune(former, toViewDataset(view));
        former.view?.replan(planned);
        views.note(view);
      });
      return;
    }
    const next = await this.#stage(planned);
    await swaps.discardOnFailure(next, former ? 'drop' : 'keep', async () => {
      const isKnown = this.#isKnown(view);
      if (isKnown) await swaps.load(next);
      await swaps.commit(async () => {
        if (accelerated.find(view.name) !== former) throw changedMeanwhile(view);
        if (isKnown) await swaps.replace(former, next);
        else await swaps.add(next);
        // A query of that name that waits for its source does so no more.
        views.forget(view);
        views.note(view);
      });
    });
  }

  /** Lets a view go; `query`: its name stands for something else by now. Part of a commit. */
  async remove(view: ViewConfig, rest: 'name' | 'query', copy: 'keep' | 'drop' = 'keep'): Promise<void> {
    const { engine, swaps, views, accelerated } = this.#parts;
    const former = accelerated.find(view.name);
    views.forget(view);
    if (former) await (rest === 'name' ? swaps.remove(former, copy) : swaps.letGo(former, copy));
    else if (rest === 'name') await engine.remove(view.name);
  }

  async #stage(planned: PlannedView): Promise<Dataset> {
    const { swaps, accelerated, isSourceFailure } = this.#parts;
    const { view } = planned;
    const asView = accelerated.toView(planned);
    await asView.connect().catch((error: unknown) => {
      if (!isSourceFailure(error)) throw viewError(view, error);
    });
    return swaps.stage(toViewDataset(view), asView);
  }

  #keepsCopy(former: Dataset, { view, definition }: PlannedView): boolean {
    const before = former.view?.planned;
    return (
      keepsCopy(former, toViewDataset(view)) &&
      isDeepStrictEqual(before?.definition, definition) &&
      isDeepStrictEqual(before?.view.columns, view.columns)
    );
  }

  /** Whether statements can name it by now. */
  #isKnown({ name }: ViewConfig): boolean {
    return this.#parts.engine.knows(name);
  }
}

function changedMeanwhile({ name }: ViewConfig): MillraceError {
  return new MillraceError({
    code: 'conflict',
    component: `view ${name.text}`,
    message: 'it was changed or removed while its new definition was loaded',
    hint: 'Change it again.',
  });
}

function isSameName(left: ViewConfig['name'], right: ViewConfig['name']): boolean {
  return toComparisonKey(left) === toComparisonKey(right);
}
