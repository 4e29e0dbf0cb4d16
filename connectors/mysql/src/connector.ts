import {
  type ConnectorPlugin,
  type DataConnector,
  type DatasetSource,
  defineConnector,
  type Parameters,
  type PluginContext,
} from '@millrace/core';
import { createMysqlCatalog, type OpenRequest, openTable } from './catalog.ts';
import { ConnectionPool } from './client/connection-pool.ts';
import { readSettings, readTableSettings } from './mysql-settings.ts';
import { mysqlParameters } from './parameters.ts';
import { ScanMetrics } from './scan-metrics.ts';
import { parseTablePath } from './table-path.ts';

/** The connector of MySQL and MariaDB: `from: mysql:shop.orders`. */
export const mysqlConnector: ConnectorPlugin = defineConnector({
  id: 'mysql',
  prefix: 'mysql',
  parameters: mysqlParameters,
  supportsUnsupportedTypeAction: true,
  create: createConnector,
});

function createConnector(parameters: Parameters, { baseDirectory, logger }: PluginContext): DataConnector {
  const settings = readSettings(parameters, baseDirectory);
  const pool = new ConnectionPool(settings);
  const metrics = new ScanMetrics(() => pool.counts);
  const opening = (component: string, given: Parameters, dataset?: DatasetSource): OpenRequest => ({
    settings: readTableSettings(given),
    pool,
    metrics,
    component,
    logger,
    unsupportedTypeAction: dataset?.unsupportedTypeAction ?? 'error',
    ...(dataset?.schema !== undefined && { declared: dataset.schema }),
  });
  const close = async (): Promise<void> => pool.close();
  return {
    readProvider: async (dataset, context) => {
      const component = `dataset ${dataset.name}`;
      const path = parseTablePath(dataset.path, settings.database, component);
      return await openTable(path, opening(component, dataset.parameters, dataset), context);
    },
    catalogProvider: async (source) => createMysqlCatalog(opening(`catalog ${source.name}`, source.parameters)),
    metricsProvider: metrics,
    close,
    [Symbol.asyncDispose]: close,
  };
}
