import {
  type CreateTableCommand,
  type DataAccelerator,
  type DataConnector,
  MillraceError,
  type Schema,
  type TableProvider,
} from '@millrace/core';
import type { TableName } from '@millrace/duckdb';
import type { Acceleration } from '../acceleration/acceleration.ts';
import type { AccelerationStatus } from '../acceleration/acceleration-status.ts';
import type { RefreshOverrides, RefreshReport } from '../acceleration/refresh-run.ts';
import type { ServedTable } from '../acceleration/served-table.ts';
import type { CopyMode, DatasetConfig } from '../config/index.ts';
import type { TableOrigin } from '../observability/scan-watch.ts';
import type { EngineTable } from '../query/engine-table.ts';
import type { AcceleratedView } from './accelerated-view.ts';
import { pinColumns } from './pin-columns.ts';

/** A dataset as seen from outside; what a copy is like is told of an accelerated one. */
export interface DatasetStatus extends Omit<AccelerationStatus, 'state'> {
  readonly name: string;
  readonly from: string;
  readonly description?: string;
  /** `federated`: read from its source at every query. The others are those of an accelerated dataset. */
  readonly state: 'federated' | AccelerationStatus['state'];
  /** Of an accelerated dataset the columns of its copy, in the types that the engine keeps. Absent while the source could not be reached. */
  readonly schema?: Schema;
  readonly engine?: string;
  readonly mode?: CopyMode;
}

/** A dataset whose source has been found. */
export interface ConnectedSource {
  readonly connector: DataConnector;
  readonly provider: TableProvider;
  /** Why the source could not be reached, where this only stands for it; it is looked for when it is read. */
  readonly absence?: MillraceError;
}

/** A configured dataset at run time: connected to its source, accelerated or not, or failed and waiting for another try. */
export class Dataset {
  /** Another one once the dataset has been given a definition that differs in nothing which decides its rows. */
  config: DatasetConfig;
  /** The view that it is, in the place of a connector's table. */
  readonly view: AcceleratedView | undefined;
  source: ConnectedSource | undefined;
  acceleration: Acceleration | undefined;
  /** Lets the copy go by another definition; see `AcceleratedDataset`. */
  retuneCopy: ((config: DatasetConfig) => Promise<void>) | undefined;
  /** Holds the copy, which was opened by the command. */
  accelerator: DataAccelerator | undefined;
  command: CreateTableCommand | undefined;
  /** Whether the copy is there for the next process, which may open it without the source. */
  hasLastingCopy = false;
  /** Tells the copy apart from those of other definitions of the dataset; see `CopyNames`. */
  copyNumber = 0;
  /** Decides what answers queries of an accelerated dataset. */
  served: ServedTable | undefined;
  /** What SQL knows it as, once it does. */
  table: EngineTable | undefined;
  /** Its connector waits for the first use, which has not come. */
  isWaiting = false;
  /** Why the dataset cannot be served; undefined while it can. */
  failure: MillraceError | undefined;

  constructor(config: DatasetConfig, view?: AcceleratedView) {
    this.config = config;
    this.view = view;
  }

  get name(): TableName {
    const { schemaName, table } = this.config.name;
    return schemaName === undefined ? { table } : { schemaName, table };
  }

  /** Whether it can be asked: its copy has rows, or its source is connected or waits for the first use. */
  get isServing(): boolean {
    if (this.failure) return false;
    return this.acceleration ? this.acceleration.isLoaded : this.source !== undefined || this.isWaiting;
  }

  get status(): DatasetStatus {
    const { config, source, failure, acceleration } = this;
    const block = config.acceleration?.enabled === true ? config.acceleration : undefined;
    return {
      name: config.name.text,
      from: config.from.text,
      ...(config.description === undefined ? {} : { description: config.description }),
      ...(acceleration ? { schema: acceleration.schema } : source ? { schema: source.provider.schema } : {}),
      ...(block ? { engine: block.engine, mode: block.mode } : {}),
      ...(failure
        ? { state: 'error', lastError: failure.message, lastErrorCode: failure.code }
        : acceleration
          ? acceleration.status
          : { state: block ? 'loading' : 'federated' }),
    };
  }

  /** The dataset as the engine sees it: the accelerated table where there is one, whose columns `refresh_sql` may have chosen. */
  toEngineTable(): EngineTable {
    const schema = this.acceleration?.schema ?? this.#connected().provider.schema;
    const version = this.acceleration?.version;
    return {
      ...(version ? { version } : {}),
      name: this.name,
      ...(this.config.description === undefined ? {} : { description: this.config.description }),
      origin: this.origin(this.config.acceleration?.enabled === true ? 'copy' : 'source'),
      schema,
      provider: async () => {
        const provider = await (this.served?.provider() ?? this.#connected().provider);
        return this.served ? pinColumns(provider, schema, `dataset ${this.config.name.text}`) : provider;
      },
      settled: async () => this.served?.settled(),
    };
  }

  /** What scans of the dataset's source, or of its copy, are counted as. */
  origin(place: 'source' | 'copy'): TableOrigin {
    const { name, from, acceleration } = this.config;
    const system = place === 'copy' ? acceleration?.engine : undefined;
    return { dataset: name.text, table: name.text, system: system ?? from.connector };
  }

  /** Settles once the first load has been tried; at once where nothing is loaded. */
  async attempted(): Promise<void> {
    await this.acceleration?.attempted();
  }

  /**
   * Refreshes the accelerated rows.
   * @throws MillraceError `unsupported` when the dataset is not accelerated; the source's error when the refresh fails.
   */
  async refresh(overrides: RefreshOverrides = {}): Promise<RefreshReport> {
    if (this.acceleration) return this.acceleration.refresh(overrides);
    throw new MillraceError({
      code: 'unsupported',
      component: `dataset ${this.config.name.text}`,
      message: 'it is not accelerated, so there is nothing to refresh',
      hint: 'Add an acceleration block to it.',
    });
  }

  #connected(): ConnectedSource {
    if (this.source) return this.source;
    throw this.failure ?? new TypeError(`dataset ${this.config.name.text} was used before it was connected`);
  }
}
