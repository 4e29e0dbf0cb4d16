import { type DataType, dataTypes, field, type Schema } from '@millrace/core';
import type { CatalogStatus, ConnectorMetrics, DatasetStatus } from '@millrace/runtime';
import type { CommandContext } from '../command-context.ts';
import { durationText } from '../output/duration-text.ts';
import { listing } from '../output/listing.ts';
import type { Tabular } from '../output/row-encoder.ts';
import { defaultFormat, type ResultFormat, writeResult } from '../output/write-result.ts';
import { openRuntime } from './open-runtime.ts';

const COLUMNS: readonly (readonly [string, DataType])[] = [
  ['name', dataTypes.utf8()],
  ['from', dataTypes.utf8()],
  ['state', dataTypes.utf8()],
  ['engine', dataTypes.utf8()],
  ['mode', dataTypes.utf8()],
  ['columns', dataTypes.int32()],
  ['rows', dataTypes.int64()],
  ['refreshed_at', dataTypes.utf8()],
  ['age', dataTypes.utf8()],
  ['lag', dataTypes.utf8()],
  ['error', dataTypes.utf8()],
];

const SCHEMA: Schema = { fields: COLUMNS.map(([name, type]) => field(name, type)) };

const METRICS_SCHEMA: Schema = {
  fields: [
    field('connector', dataTypes.utf8()),
    field('serves', dataTypes.utf8()),
    field('figure', dataTypes.utf8()),
    field('value', dataTypes.utf8()),
  ],
};

/** Tables of one catalog that are shown without `--all-tables`. */
const MAX_TABLES = 20;

/** Lists the datasets and catalogs of the configuration with the state of each, or the figures of their connectors. */
export async function runDatasets(
  context: CommandContext,
  options: {
    readonly format?: ResultFormat;
    readonly wait?: boolean;
    readonly allTables?: boolean;
    readonly metrics?: boolean;
  },
): Promise<void> {
  const { stdout, stderr } = context.io;
  const { runtime, progress } = await openRuntime(context);
  try {
    // A dataset that cannot be loaded is told by its state.
    if (options.wait === true)
      await progress.during(
        runtime,
        runtime.ready().catch(() => undefined),
      );
    const format = options.format ?? defaultFormat(stdout);
    const catalogs = runtime.catalogs();
    const limit = options.allTables === true ? Number.POSITIVE_INFINITY : MAX_TABLES;
    const result =
      options.metrics === true
        ? listMetrics(runtime.connectorMetrics())
        : listDatasets([...runtime.datasets(), ...catalogs.flatMap((catalog) => toRows(catalog, limit))]);
    await writeResult({ result, format, output: stdout });
    if (options.metrics === true) return;
    for (const { name, tables } of catalogs.filter((catalog) => catalog.tables.length > limit)) {
      const count = tables.length.toLocaleString('en-US');
      stderr.write(
        `note: catalog ${name} has ${count} tables, ${limit} of them are shown; --all-tables shows them all\n`,
      );
    }
  } finally {
    await runtime.close();
  }
}

/** What a row of the listing is made from: a dataset, or a catalog or a table of one. */
export type ListedDataset = Omit<DatasetStatus, 'state'> & {
  readonly state: DatasetStatus['state'] | CatalogStatus['state'];
};

/** A catalog and the first of its tables, which are read from their source at every query. */
export function toRows(catalog: CatalogStatus, limit: number): readonly ListedDataset[] {
  const { name, from, state, lastError, tables } = catalog;
  const row = { name: `${name}.*`, from, state, ...(lastError === undefined ? {} : { lastError }) };
  return [row, ...tables.slice(0, limit).map((table) => ({ name: table, from, state: 'federated' as const }))];
}

function listMetrics(metrics: readonly ConnectorMetrics[]): Tabular {
  return listing(
    METRICS_SCHEMA,
    metrics.flatMap(({ connector, serves, figures }) =>
      Object.entries(figures).map(([figure, value]) => ({
        connector,
        serves: serves.join(', '),
        figure,
        value: String(value),
      })),
    ),
  );
}

/** The datasets as rows. */
export function listDatasets(datasets: readonly ListedDataset[]): Tabular {
  return listing(
    SCHEMA,
    datasets.map((status) => ({
      name: status.name,
      from: status.from,
      state: status.state,
      engine: status.engine ?? null,
      mode: status.mode ?? null,
      columns: status.schema?.fields.length ?? null,
      rows: status.rowCount ?? null,
      refreshed_at: status.refreshedAtMs === undefined ? null : new Date(status.refreshedAtMs).toISOString(),
      age: status.ageMs === undefined ? null : durationText(status.ageMs),
      lag: status.lagMs === undefined ? null : durationText(status.lagMs),
      error: status.lastError ?? null,
    })),
  );
}
