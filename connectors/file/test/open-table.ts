import { rowArraysFromBatch } from '@millrace/arrow';
import {
  type DataConnector,
  type Logger,
  type RecordBatch,
  resolveParameters,
  type ScanRequest,
  type Schema,
  type TableProvider,
} from '@millrace/core';
import { fileConnector } from '../src/index.ts';

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };
export const SIGNAL: AbortSignal = new AbortController().signal;

/** A dataset as a configuration gives it. */
export interface TestDataset {
  readonly path: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly schema?: Schema;
}

/** Makes a connector whose relative paths count from a folder. */
export async function createTestConnector(baseDirectory: string): Promise<DataConnector> {
  return fileConnector.create(testParameters({}), { signal: SIGNAL, logger: SILENT, baseDirectory });
}

/** The table of a dataset, through a connector. */
export function openTable(
  connector: DataConnector,
  { path, params = {}, schema }: TestDataset,
): Promise<TableProvider> {
  const dataset = { name: 'test', path, parameters: testParameters(params), ...(schema ? { schema } : {}) };
  return connector.readProvider(dataset, { signal: SIGNAL });
}

/** All rows of a scan, as arrays of values; by default of the whole table. */
export async function readRows(table: TableProvider, request?: Partial<ScanRequest>): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for (const batch of await readBatches(table, request))
    rows.push(...[...rowArraysFromBatch(batch)].map((row) => [...row]));
  return rows;
}

/** All batches of a scan, partition after partition. */
export async function readBatches(table: TableProvider, request?: Partial<ScanRequest>): Promise<RecordBatch[]> {
  const projection = table.schema.fields.map((_, ordinal) => ordinal);
  const plan = await table.scan({ projection, filters: [], ...request }, { signal: SIGNAL });
  const batches: RecordBatch[] = [];
  for (const partition of plan.partitions)
    for await (const batch of plan.execute(partition, { signal: SIGNAL })) batches.push(batch);
  return batches;
}

function testParameters(params: Readonly<Record<string, string>>) {
  return resolveParameters({
    specs: fileConnector.parameters,
    prefix: fileConnector.prefix,
    given: new Map(Object.entries(params).map(([name, text]) => [name, { text }])),
    component: 'dataset test',
    connector: 'file',
  });
}
