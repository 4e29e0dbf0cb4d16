import { createMemoryTable, type MemoryTable } from '@millrace/connector-memory';
import { type ConnectorPlugin, dataTypes, type Field, field } from '@millrace/core';
import type { ConnectorCapabilities, ConnectorSubject, NativeCase, TableLocation } from '../src/index.ts';
import { createModelPlugin } from './model-connector.ts';
import { createRemote, type Remote, type StoredTable } from './remote.ts';

/** What the model connector declares. */
export const MODEL_CAPABILITIES: ConnectorCapabilities = {
  pushdown: { filters: 'exact', order: true, limit: 'exact', offset: true, aggregate: 'complete', sample: true },
  partitions: true,
  snapshot: true,
  statistics: true,
  catalog: true,
  timeTravel: true,
  metadataColumns: true,
};

/** Opens the model, or a mutant of its plugin or of the whole subject. */
export async function openModel(
  mutate: (plugin: ConnectorPlugin, remote: Remote) => ConnectorPlugin = (plugin) => plugin,
): Promise<ConnectorSubject> {
  const remote = createRemote();
  const locate = (name: string): TableLocation => ({ name, path: name, reference: { namespace: [], name } });
  const change = (name: string, changes: Partial<StoredTable>): void => {
    const table = remote.table(name)!;
    remote.put(name, { ...table, ...changes, version: table.version + 1 });
  };
  const forbidden = createMemoryTable({ schema: { fields: [field('id', dataTypes.int32())] }, rows: [[1], [2]] });
  const many = createMemoryTable({
    schema: { fields: [field('id', dataTypes.int32())] },
    rows: Array.from({ length: 60_000 }, (_, id) => [id]),
  });
  remote.put('forbidden', { whole: forbidden, kind: 'base', version: 0, isForbidden: true });
  remote.put('slow', { whole: many, kind: 'base', version: 0, delayMs: 100 });
  remote.put('fails_midway', { whole: many, kind: 'base', version: 0, failsAfter: 30_000 });
  return {
    plugin: mutate(createModelPlugin(remote), remote),
    parameters: { model_host: 'here', model_password: remote.password },
    faults: {
      wrongPassword: { model_password: 'wrong-canary' },
      unreachable: { model_host: 'nowhere' },
      forbiddenTable: locate('forbidden'),
      timeout: { parameters: { model_timeout: '50ms' }, slow: locate('slow') },
      failsMidway: { table: locate('fails_midway'), code: 'invalid_data' },
    },
    source: {
      present: (each) => each,
      missingTable: locate,
      reportsPrimaryKeys: true,
      relationKinds: ['view'],
      maxIdentifierBytes: 63,
      unsupportedType: { declaration: 'odd', literal: "'odd'" },
      nativeCases: NATIVE_CASES,
      async createTable({ name, schema, rows, primaryKey, partitionCount }) {
        const key = primaryKey && { primaryKey };
        const whole = createMemoryTable({ name, schema, rows, ...key, ...(partitionCount && { partitionCount }) });
        remote.put(name, { whole, kind: 'base', version: 0 });
        return locate(name);
      },
      async createRelation({ name, of }) {
        remote.put(name, { whole: remote.table(of.name)!.whole, kind: 'view', version: 0 });
        return locate(name);
      },
      async createNativeTable({ name, columns, rows }) {
        const fields = columns.map((column) => field(column.name, nativeType(column.declaration)));
        const values = rows.map((row) => row.map((literal, ordinal) => nativeValue(literal, fields[ordinal]!)));
        const unsupported = columns.filter(({ declaration }) => declaration === 'odd').map((column) => column.name);
        const kept = fields.map((_, ordinal) => ordinal).filter((ordinal) => columns[ordinal]!.declaration !== 'odd');
        const whole = createMemoryTable({ name, schema: { fields }, rows: values });
        const readable =
          kept.length === 0
            ? undefined
            : createMemoryTable({
                name,
                schema: { fields: kept.map((ordinal) => fields[ordinal]!) },
                rows: values.map((row) => kept.map((ordinal) => row[ordinal])),
              });
        remote.put(name, { whole, kind: 'base', version: 0, ...(unsupported.length > 0 && { unsupported, readable }) });
        return locate(name);
      },
      appendRows: async ({ name }, rows) => appendRows(remote.table(name)!.whole, rows),
      async addColumn({ name }, added) {
        change(name, { whole: rebuild(remote.table(name)!.whole, (fields) => [...fields, added]) });
      },
      async dropColumn({ name }, column) {
        change(name, {
          whole: rebuild(remote.table(name)!.whole, (fields) => fields.filter((each) => each.name !== column)),
        });
      },
      statements: async () => [...remote.log],
      readsRows: (statement, { name }) => statement.startsWith(`SELECT FROM "${name}"`),
      activeStatements: async () => remote.active,
      connectionCount: async () => remote.connections.size,
      breakConnections: async () => remote.breakConnections(),
      async corrupt({ name }) {
        remote.put(name, { ...remote.table(name)!, isDamaged: true });
      },
    },
    async close() {},
  };
}

const NATIVE_CASES: readonly NativeCase[] = [
  {
    check: 53,
    declaration: 'text',
    literals: ["'ab '", 'NULL'],
    expected: { field: { type: dataTypes.utf8(), nullable: true }, values: ['ab ', null] },
  },
  {
    check: 63,
    declaration: 'integer',
    literals: ['7', 'NULL'],
    expected: { field: { type: dataTypes.int32(), nullable: true }, values: [7, null] },
  },
];

function nativeType(declaration: string): Field['type'] {
  return declaration === 'integer' ? dataTypes.int32() : dataTypes.utf8();
}

function nativeValue(literal: string, { type }: Field): unknown {
  if (literal === 'NULL') return null;
  return type.typeId === dataTypes.utf8().typeId ? literal.slice(1, -1) : Number(literal);
}

async function appendRows(table: MemoryTable, rows: readonly (readonly unknown[])[]): Promise<void> {
  const { batchFromRows } = await import('@millrace/arrow');
  const context = { signal: new AbortController().signal };
  await using session = await table.insertInto!(
    { schema: table.schema, mode: { kind: 'append' }, writerCount: 1 },
    context,
  );
  await using writer = await session.writer({ partition: 0, attempt: 0 });
  await writer.write(batchFromRows(table.schema, rows));
  await session.commit([await writer.finish()]);
}

/** The table with other columns; what is new holds nulls, and rows are not kept, as nobody reads them again. */
function rebuild(table: MemoryTable, change: (fields: readonly Field[]) => readonly Field[]): MemoryTable {
  return createMemoryTable({ schema: { fields: change(table.schema.fields) }, rows: [] });
}
