import { isDeepStrictEqual } from 'node:util';
import type { DataConnector, GivenParameter, Parameters, PluginContext } from '@millrace/core';
import { type PluginRegistry, unknownPluginError } from '@millrace/core/registry';
import type { DatasetConfig } from '../config/index.ts';
import { resolvePluginParameters } from '../plugin-parameters.ts';
import type { SecretRedactor } from '../secrets/secret-redactor.ts';

/** A connector in use and what it was made from. */
interface PooledConnector {
  readonly id: string;
  readonly given: ReadonlyMap<string, GivenParameter>;
  readonly connector: Promise<DataConnector>;
}

/** A dataset's connector and its parameters, checked. */
export interface ConnectedDataset {
  readonly connector: DataConnector;
  readonly parameters: Parameters;
}

/** Makes the datasets' connectors: one for all datasets that give the same connector the same parameters. */
export class ConnectorPool implements AsyncDisposable {
  readonly #registry: PluginRegistry;
  readonly #context: PluginContext;
  readonly #redactor: SecretRedactor;
  readonly #pooled: PooledConnector[] = [];

  constructor(registry: PluginRegistry, context: PluginContext, redactor: SecretRedactor) {
    this.#registry = registry;
    this.#redactor = redactor;
    this.#context = context;
  }

  /**
   * Loads the connector's plugin, checks the dataset's parameters, and makes or finds the connector.
   * @throws MillraceError `unknown_connector`, `plugin_failed`, `unknown_parameter`, `invalid_parameter`, `missing_parameter`.
   */
  async connect(dataset: DatasetConfig): Promise<ConnectedDataset> {
    const { connector: id } = dataset.from;
    const component = `dataset ${dataset.name.text}`;
    const entry = this.#registry.find('connector', id);
    if (!entry)
      throw unknownPluginError({
        kind: 'connector',
        id,
        registry: this.#registry,
        component,
        ...located(dataset, 'from'),
      });
    const parameters = resolvePluginParameters({
      component,
      id: entry.id,
      plugin: await entry.load(),
      given: dataset.params,
      logger: this.#context.logger,
      redactor: this.#redactor,
    });
    let pooled = this.#pooled.find(({ id, given }) => id === entry.id && haveSameTexts(given, dataset.params));
    if (!pooled) {
      const connector = entry.load().then((plugin) => plugin.create(parameters, this.#context));
      pooled = { id: entry.id, given: dataset.params, connector };
      this.#pooled.push(pooled);
    }
    try {
      return { connector: await pooled.connector, parameters };
    } catch (error) {
      // The next try makes another one.
      const index = this.#pooled.indexOf(pooled);
      if (index >= 0) this.#pooled.splice(index, 1);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = this.#pooled.splice(0).map(async ({ connector }) => (await connector).close());
    await Promise.allSettled(closing);
  }
}

function haveSameTexts(left: ReadonlyMap<string, GivenParameter>, right: ReadonlyMap<string, GivenParameter>): boolean {
  const texts = (given: ReadonlyMap<string, GivenParameter>) =>
    new Map([...given].map(([name, { text }]) => [name, text]));
  return isDeepStrictEqual(texts(left), texts(right));
}

function located(dataset: DatasetConfig, field: string) {
  const location = dataset.location(field);
  return location ? { location } : {};
}
