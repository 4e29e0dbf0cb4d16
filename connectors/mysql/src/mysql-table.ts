import type { ConnectionPool } from './client/connection-pool.ts';
import type { ServerInfo } from './client/server-info.ts';
import type { TableDescription } from './inspect-tables.ts';
import type { MappedColumn } from './map-columns.ts';
import type { TableSettings } from './mysql-settings.ts';
import type { ScanMetrics } from './scan-metrics.ts';

/** What belongs to one connector. */
export interface MysqlSource {
  readonly pool: ConnectionPool;
  readonly metrics: ScanMetrics;
  readonly server: ServerInfo;
}

/** A table that can be scanned. */
export interface MysqlTable extends MysqlSource {
  readonly description: TableDescription;
  /** In the order of the schema. */
  readonly columns: readonly MappedColumn[];
  readonly settings: TableSettings;
  /** For messages: `dataset orders`. */
  readonly component: string;
}
