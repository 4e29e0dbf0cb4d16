import {
  cancelledError,
  type ExecutionPlan,
  type Json,
  type Partition,
  type ScanContext,
  type ScanRequest,
  type Statistics,
} from '@millrace/core';
import { planSelect, type SqlText } from '@millrace/sql';
import { runQuery } from './client/run-query.ts';
import { createDialect, quoteIdentifier } from './dialect.ts';
import type { MysqlTable } from './mysql-table.ts';
import { type KeyRange, partitionKey, planRanges, rangeCondition } from './partitions.ts';
import { readRows } from './read-rows.ts';
import { canCompareText, createProfile } from './semantics.ts';

/** Plans a scan of a table as one SELECT, or as one for each range of its key. */
export async function planScan(table: MysqlTable, request: ScanRequest, context: ScanContext): Promise<ExecutionPlan> {
  const { description, component, server, pool } = table;
  if (context.signal.aborted) throw cancelledError(component, context.signal);
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const select = planSelect(
    {
      dialect: createDialect(server.maxPacketBytes, (text, { name }) => canCompareText(text, byName.get(name))),
      profile: createProfile(server, byName),
      from: `${quoteIdentifier(description.database)}.${quoteIdentifier(description.name)}`,
      columns: table.columns,
      component,
    },
    request,
  );
  const columns = select.columns.map(({ name }) => byName.get(name)!);
  const key = select.needsOnePartition ? undefined : partitionKey(table, context);
  const ranges = key === undefined ? [] : await planRanges(table, key, context);
  const partitions: readonly Partition[] =
    ranges.length === 0
      ? [{ id: 0, detail: null }]
      : ranges.map((range, id): Partition => ({ id, detail: range as unknown as Json }));
  const statementOf = ({ detail }: Partition): SqlText =>
    select.statement(
      key === undefined || detail === null ? undefined : rangeCondition(key, detail as unknown as KeyRange),
    );
  const { schema, applied, ordering } = select;
  return {
    schema,
    applied,
    partitions,
    ...(ordering !== undefined && { ordering }),
    execute: (partition, execution) => readRows({ table, text: statementOf(partition), columns, schema }, execution),
    ...(request.filters.length === 0 && request.limit === undefined && request.offset === undefined
      ? { statistics: () => readStatistics(table, context) }
      : {}),
    explain: () => ({
      source: `mysql ${description.database}.${description.name}`,
      statement: statementOf(partitions[0]!).sql,
      notes: [
        `${server.product} ${server.version.join('.')} at ${pool.address}, time zone ${pool.settings.timeZone}`,
        ...select.notes,
        ...(partitions.length === 1
          ? []
          : [
              `${partitions.length} ranges of ${key?.name} are read by statements of their own, which do not share a snapshot`,
            ]),
      ],
    }),
  };
}

/** The server's own estimate, which may be far off; absent for views. */
async function readStatistics(table: MysqlTable, { signal }: ScanContext): Promise<Statistics> {
  const { description, pool, component } = table;
  const rows = await pool.use(component, signal, ({ connection }) =>
    runQuery(
      connection,
      'SELECT TABLE_ROWS, DATA_LENGTH FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
      [description.database, description.name],
    ),
  );
  const [rowCount, byteCount] = rows[0] ?? [];
  return {
    ...(rowCount !== null && rowCount !== undefined && { rowCount: { value: BigInt(String(rowCount)), exact: false } }),
    ...(byteCount !== null &&
      byteCount !== undefined && { byteCount: { value: BigInt(String(byteCount)), exact: false } }),
  };
}
