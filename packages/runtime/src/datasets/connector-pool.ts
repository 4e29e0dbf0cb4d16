import {
  type ConnectorPlugin,
  type DataConnector,
  type GivenParameter,
  MillraceError,
  type Parameters,
  type PluginContext,
  type UnsupportedTypeAction,
} from '@millrace/core';
import { type PluginRegistry, unknownPluginError } from '@millrace/core/registry';
import type { DatasetFrom, Located } from '../config/index.ts';
import { resolvePluginParameters } from '../plugin-parameters.ts';
import type { SecretRedactor } from '../secrets/secret-redactor.ts';

/** A dataset or catalog as it uses a connector. */
export interface ConnectorUse extends Located {
  /** What uses it, for messages: `dataset orders`. */
  readonly component: string;
  /** By this object, which every definition has of its own, users are told apart. */
  readonly from: DatasetFrom;
  readonly params: ReadonlyMap<string, GivenParameter>;
  readonly unsupportedTypeAction?: UnsupportedTypeAction | undefined;
}

/** The figures of one connector at one moment. */
export interface ConnectorMetrics {
  /** Id of the connector. */
  readonly connector: string;
  /** What it serves: datasets and catalogs, each with that word in front. */
  readonly serves: readonly string[];
  /** Figures by the connector's own names; counts and bytes since it was made, unless the name says otherwise. */
  readonly figures: Readonly<Record<string, number | bigint>>;
}

/** A connector in use and what it was made from. */
interface PooledConnector {
  readonly id: string;
  readonly connector: Promise<DataConnector>;
  /** Who uses it, and how it is called. */
  readonly serves: Map<DatasetFrom, string>;
  /** Once it was made. */
  made?: DataConnector;
}

/** A dataset's connector and its parameters, checked. */
export interface ConnectedDataset {
  readonly connector: DataConnector;
  readonly parameters: Parameters;
}

/**
 * Makes the datasets' connectors: one for all datasets that give the same connector the same parameters. It is closed when the last of them
 * has let it go.
 */
export class ConnectorPool implements AsyncDisposable {
  readonly #registry: PluginRegistry;
  readonly #context: PluginContext;
  readonly #redactor: SecretRedactor;
  /** By id and parameters. */
  readonly #pooled = new Map<string, PooledConnector>();

  constructor(registry: PluginRegistry, context: PluginContext, redactor: SecretRedactor) {
    this.#registry = registry;
    this.#redactor = redactor;
    this.#context = context;
  }

  /**
   * Loads the connector's plugin, checks the dataset's parameters, and makes or finds the connector.
   * @throws MillraceError `unknown_connector`, `plugin_failed`, `unknown_parameter`, `invalid_parameter`, `missing_parameter`.
   */
  async connect(use: ConnectorUse): Promise<ConnectedDataset> {
    const { component, params } = use;
    const { connector: id } = use.from;
    const entry = this.#registry.find('connector', id);
    if (!entry)
      throw unknownPluginError({
        kind: 'connector',
        id,
        registry: this.#registry,
        component,
        ...located(use, 'from'),
      });
    const plugin = await entry.load();
    refuseUnsupportedAction(use, plugin);
    const parameters = resolvePluginParameters({
      component,
      id: entry.id,
      plugin,
      given: params,
      logger: this.#context.logger,
      redactor: this.#redactor,
    });
    const key = keyOf(entry.id, params);
    let pooled = this.#pooled.get(key);
    if (!pooled) {
      // What `create` throws at once is the promise's failure, too.
      const connector = Promise.resolve().then(() => plugin.create(parameters, this.#context));
      pooled = { id: entry.id, connector, serves: new Map() };
      this.#pooled.set(key, pooled);
    }
    pooled.serves.set(use.from, component);
    try {
      pooled.made = await pooled.connector;
      return { connector: pooled.made, parameters };
    } catch (error) {
      // The next try makes another one.
      if (this.#pooled.get(key) === pooled) this.#pooled.delete(key);
      throw error;
    }
  }

  /** Lets go of what a dataset or catalog uses; a connector that nobody uses any more is closed. Nothing of it is being read. */
  async release({ from }: Pick<ConnectorUse, 'from'>): Promise<void> {
    const unused = [...this.#pooled].filter(([, { serves }]) => serves.delete(from) && serves.size === 0);
    for (const [key] of unused) this.#pooled.delete(key);
    for (const [, { connector }] of unused) await (await connector).close();
  }

  /** The figures of every connector that has some. */
  metrics(): readonly ConnectorMetrics[] {
    return [...this.#pooled.values()].flatMap(({ id, serves, made }) =>
      made?.metricsProvider
        ? { connector: id, serves: [...new Set(serves.values())], figures: made.metricsProvider.metrics() }
        : [],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = [...this.#pooled.values()].map(async ({ connector }) => (await connector).close());
    this.#pooled.clear();
    await Promise.allSettled(closing);
  }
}

function keyOf(id: string, given: ReadonlyMap<string, GivenParameter>): string {
  return JSON.stringify([id, [...given].map(([name, { text }]) => [name, text]).sort()]);
}

function refuseUnsupportedAction(use: ConnectorUse, plugin: ConnectorPlugin): void {
  if (use.unsupportedTypeAction === undefined || plugin.supportsUnsupportedTypeAction === true) return;
  throw new MillraceError({
    code: 'invalid_config',
    component: use.component,
    connector: plugin.id,
    message: 'the connector does not take `unsupported_type_action`',
    hint: 'Leave the field out: a column of a type that cannot be represented is an error',
    ...located(use, 'unsupported_type_action'),
  });
}

function located(use: Located, field: string) {
  const location = use.location(field);
  return location ? { location } : {};
}
