import {
  type ConnectorPlugin,
  type DataConnector,
  defineConnector,
  type Parameters,
  type PluginContext,
} from '@millrace/core';
import { PostgresClient, readConnectionSettings } from '@millrace/postgres';
import { createCatalog } from './catalog.ts';
import { createTable } from './create-table.ts';
import { findTable } from './find-table.ts';
import { postgresParameters, readNumericScale } from './parameters.ts';

/** The connector of PostgreSQL: `from: postgres:public.orders`. */
export const postgresConnector: ConnectorPlugin = defineConnector({
  id: 'postgres',
  prefix: 'pg',
  parameters: postgresParameters,
  supportsUnsupportedTypeAction: true,
  create: createConnector,
});

function createConnector(parameters: Parameters, { baseDirectory, logger }: PluginContext): DataConnector {
  const client = new PostgresClient(readConnectionSettings(parameters, baseDirectory));
  const { database } = client.settings;
  const numericScale = readNumericScale(parameters);
  const warn = (message: string): void => logger.warn(message);
  const close = (): Promise<void> => client.close();
  return {
    async readProvider(dataset, { signal }) {
      const component = `dataset ${dataset.name}`;
      const { path } = dataset;
      const table = await client.use({ component, signal }, (session) =>
        findTable(session, { path, component, database }),
      );
      return createTable({
        client,
        table,
        component,
        numericScale,
        warn,
        unsupportedTypeAction: dataset.unsupportedTypeAction ?? 'error',
        ...(dataset.schema === undefined ? {} : { declared: dataset.schema }),
      });
    },
    async catalogProvider(source) {
      const component = `catalog ${source.name}`;
      const unsupportedTypeAction = source.unsupportedTypeAction ?? 'error';
      return createCatalog({ client, component, numericScale, warn, unsupportedTypeAction });
    },
    metricsProvider: {
      metrics: () => ({ ...client.figures }),
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
