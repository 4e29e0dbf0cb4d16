import { schemasEqual } from '@millrace/arrow';
import type { TableProvider } from '@millrace/core';
import type { DuckDbDatabase } from '@millrace/duckdb';
import type { DatasetConfig } from '../config/index.ts';
import { createAbsentSource } from './absent-source.ts';
import type { ConnectedDataset, ConnectorPool, ConnectorUse } from './connector-pool.ts';
import type { ConnectedSource, Dataset } from './dataset.ts';
import { declaredSchema } from './declared-schema.ts';
import { isConfigurationError } from './is-configuration-error.ts';
import type { KnownSources } from './known-sources.ts';
import { otherColumnsError } from './other-columns-error.ts';
import { toSourceFailure } from './source-failure.ts';

/** What {@link SourceFinder} works with. */
export interface SourceFinderParts {
  readonly connectors: ConnectorPool;
  readonly known: KnownSources;
  /** Knows the types that `columns` may name. */
  readonly database: DuckDbDatabase;
  readonly signal: AbortSignal;
}

/** Finds the sources of datasets, at first and again. */
export class SourceFinder {
  readonly #parts: SourceFinderParts;

  constructor(parts: SourceFinderParts) {
    this.#parts = parts;
  }

  /**
   * Finds the dataset's source, or what stands for it where it is away and there may be a copy of it. At start, a federated dataset whose
   * connector waits for the first use is left alone.
   */
  async connect(dataset: Dataset, occasion: 'start' | 'use'): Promise<'connected' | 'waiting'> {
    const { acceleration, from, name } = dataset.config;
    const isAccelerated = acceleration?.enabled === true;
    try {
      if (dataset.view) {
        dataset.source = await dataset.view.connect();
        return 'connected';
      }
      const connected = await this.#parts.connectors.connect(toUse(dataset.config));
      if (occasion === 'start' && !isAccelerated && connected.connector.initialization === 'on_trigger')
        return 'waiting';
      dataset.source = await this.#find(dataset, connected);
    } catch (error) {
      if (isConfigurationError(error) || this.#parts.signal.aborted || !isAccelerated) throw error;
      const known = await this.#parts.known.recall(name.text);
      if (!known) throw error;
      const failure = toSourceFailure(error, { component: `dataset ${name.text}`, connector: from.connector });
      dataset.source = createAbsentSource({ known, failure, find: () => this.reconnect(dataset) });
    }
    return 'connected';
  }

  /**
   * Finds a source again that was gone.
   * @throws MillraceError `schema_mismatch` when it came back with other columns; what the connector throws.
   */
  async reconnect(dataset: Dataset): Promise<TableProvider> {
    const previous = dataset.source;
    const found = await this.#look(dataset);
    if (previous && !schemasEqual(previous.provider.schema, found.provider.schema))
      throw otherColumnsError(dataset.config);
    dataset.source = found;
    if (previous?.absence) await this.announce(dataset);
    return found.provider;
  }

  /** Looks for a dataset's source anew, whatever columns it has by now. @throws what the connector throws. */
  async find(dataset: Dataset): Promise<ConnectedSource> {
    dataset.view?.requireLoaded();
    return this.#look(dataset);
  }

  /** Gives a dataset the source that was found. */
  async adopt(dataset: Dataset, found: ConnectedSource): Promise<void> {
    const { source: previous, config, command, hasLastingCopy } = dataset;
    dataset.source = found;
    if (previous?.absence) await this.announce(dataset);
    const { schema } = found.provider;
    if (!hasLastingCopy || (previous && schemasEqual(previous.provider.schema, schema))) return;
    const mode = command?.refreshMode === 'append' ? 'append' : 'full';
    await this.#parts.known.remember(config.name.text, { schema, mode });
  }

  /** Tells the connector that the dataset is accelerated. */
  async announce({ acceleration, config, source }: Dataset): Promise<void> {
    await source?.connector.onAcceleratedTableRegistration?.({
      dataset: config.name.text,
      requestRefresh: () => void acceleration?.renew().catch(() => undefined),
    });
  }

  async #look(dataset: Dataset): Promise<ConnectedSource> {
    if (dataset.view) return dataset.view.connect();
    return this.#find(dataset, await this.#parts.connectors.connect(toUse(dataset.config)));
  }

  async #find({ config }: Dataset, { connector, parameters }: ConnectedDataset): Promise<ConnectedSource> {
    const schema = await declaredSchema(config, this.#parts.database);
    const source = {
      name: config.name.text,
      path: config.from.path,
      parameters,
      ...(schema === undefined ? {} : { schema }),
      ...(config.unsupportedTypeAction === undefined ? {} : { unsupportedTypeAction: config.unsupportedTypeAction }),
    };
    return { connector, provider: await connector.readProvider(source, { signal: this.#parts.signal }) };
  }
}

function toUse({ name, from, params, location, unsupportedTypeAction }: DatasetConfig): ConnectorUse {
  return { component: `dataset ${name.text}`, from, params, location, unsupportedTypeAction };
}
