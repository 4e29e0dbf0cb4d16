import type { ResolvedConfig } from '../config/index.ts';
import { ConfigReload, type ConfigReloadParts } from './config-reload.ts';
import { DatasetChanges } from './dataset-changes.ts';
import type { ReloadReport } from './reload-report.ts';
import { Turns } from './turns.ts';
import { ViewChanges } from './view-changes.ts';
import { ViewSwaps, type ViewSwapsParts } from './view-swaps.ts';

/** What {@link RuntimeChanges} are made from. */
export interface RuntimeChangesParts
  extends Omit<ConfigReloadParts, 'changes' | 'viewChanges' | 'viewSwaps'>,
    Pick<ViewSwapsParts, 'isSourceFailure'> {
  /** Called after something has become known to SQL that views may wait for. */
  readonly onRegistered: () => Promise<void>;
}

/** What can be changed while statements run: datasets and views by calls, everything by a reload of the configuration file. */
export class RuntimeChanges {
  readonly datasets: DatasetChanges;
  readonly views: ViewChanges;
  readonly #reload: ConfigReload;
  readonly #turns: Turns = new Turns();
  readonly #onRegistered: () => Promise<void>;

  constructor(parts: RuntimeChangesParts) {
    const config = (): ResolvedConfig => this.#reload.config;
    const viewSwaps = new ViewSwaps(parts);
    this.#onRegistered = parts.onRegistered;
    this.datasets = new DatasetChanges({ ...parts, config, turns: this.#turns });
    this.views = new ViewChanges({ ...parts, config, viewSwaps, turns: this.#turns });
    this.#reload = new ConfigReload({ ...parts, viewSwaps, changes: this.datasets, viewChanges: this.views });
  }

  /** Reads the configuration file again and applies the difference. */
  async reload(): Promise<ReloadReport> {
    const report = await this.#reload.reload();
    await this.#onRegistered();
    return report;
  }

  /** Waits for the changes that run; there are no new ones. */
  settled(): Promise<void> {
    return this.#turns.settled();
  }
}
