import { schemasEqual } from '@millrace/arrow';
import { MillraceError, type Schema, type TableProvider } from '@millrace/core';
import type { PostgresClient } from '@millrace/postgres';
import { type ReadOptions, readColumns } from './read-column.ts';
import { planScan } from './scan.ts';
import type { PostgresTable } from './table-description.ts';

/** A table to be provided. */
export interface CreateTableRequest extends ReadOptions {
  readonly client: PostgresClient;
  readonly table: PostgresTable;
  /** The columns that the user declared. */
  readonly declared?: Schema;
}

/**
 * The provider of a described table.
 *
 * @throws MillraceError `unsupported_type` under the action `error`, `schema_mismatch` when the declared columns are others.
 */
export function createTable(request: CreateTableRequest): TableProvider {
  const { client, table, component, declared } = request;
  const columns = readColumns(table, request);
  const schema: Schema = { fields: columns.map(({ field }) => field) };
  if (declared !== undefined && !schemasEqual(declared, schema)) {
    throw new MillraceError({
      code: 'schema_mismatch',
      component,
      connector: 'postgres',
      message: 'the declared columns are not those of the table',
      hint: 'Leave the declaration out: a table states its own columns',
    });
  }
  const names = new Set(columns.map(({ name }) => name));
  const { host, port, database, user } = client.settings;
  return {
    schema,
    tableType: table.kind === 'v' || table.kind === 'm' ? 'view' : 'base',
    source: `postgres://${encodeURIComponent(user)}@${host}:${port}/${encodeURIComponent(database)}`,
    constraints: table.constraints.filter((constraint) =>
      constraint.kind === 'check' ? true : constraint.columns.every((name) => names.has(name)),
    ),
    properties: propertiesOf(table),
    scan: (scanRequest, context) => planScan({ client, table, columns, component }, scanRequest, context),
  };
}

const KIND_NAMES: Readonly<Record<string, string>> = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
};

function propertiesOf({ kind, comment, columns }: PostgresTable): Readonly<Record<string, string>> {
  const defaults = columns.flatMap(({ name, default: text }) => (text === null ? [] : [[`default.${name}`, text]]));
  return {
    kind: KIND_NAMES[kind] ?? kind,
    ...(comment === null ? {} : { comment }),
    ...Object.fromEntries(defaults),
  };
}
