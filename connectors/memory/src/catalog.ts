import {
  type Catalog,
  type ErrorCode,
  MillraceError,
  type StagedTable,
  type TableDefinition,
  type TableProvider,
  type TableReference,
} from '@millrace/core';
import { alterTable } from './alter.ts';
import { defaultValue } from './conform-batch.ts';
import { storeTable } from './create-memory-table.ts';
import { type MemoryDatabase, referenceText } from './database.ts';
import { NO_CHANGES } from './snapshot.ts';
import type { StoredTable } from './stored-table.ts';
import { createTableProvider, createVersionProvider } from './table.ts';

/**
 * Creates the catalog of a database in memory. A namespace exists while a table lies in it or below; names are compared as written.
 *
 * It owns nothing: the database outlives it.
 */
export function createMemoryCatalog({ name: database, tables }: MemoryDatabase): Catalog {
  const find = (reference: TableReference): StoredTable => {
    const found = tables.get(reference);
    if (found !== undefined) return found;
    throw catalogError(
      database,
      'not_found',
      `there is no table ${referenceText(reference)}`,
      'List the tables of its namespace',
    );
  };
  const requireFree = (reference: TableReference): void => {
    if (tables.get(reference) === undefined) return;
    throw catalogError(
      database,
      'already_exists',
      `there is a table ${referenceText(reference)} already`,
      'Drop it, replace it, or choose another name',
    );
  };
  return {
    async *namespaces(parent) {
      const seen = new Set<string>();
      for (const { reference } of tables.entries()) {
        const { namespace } = reference;
        if (namespace.length <= parent.length || !startsWith(namespace, parent)) continue;
        const child = namespace.slice(0, parent.length + 1);
        const key = JSON.stringify(child);
        if (seen.has(key)) continue;
        seen.add(key);
        yield child;
      }
    },
    async *tables(namespace) {
      for (const { reference } of tables.entries())
        if (reference.namespace.length === namespace.length && startsWith(reference.namespace, namespace))
          yield { reference, tableType: 'base' };
    },
    async table(reference, _context, at): Promise<TableProvider | undefined> {
      const found = tables.get(reference);
      if (found === undefined) return undefined;
      return at === undefined ? createTableProvider(found) : createVersionProvider(found, found.snapshotAt(at));
    },
    async create(definition) {
      requireFree(definition.reference);
      const created = defineTable(definition);
      tables.set(definition.reference, created);
      return createTableProvider(created);
    },
    async stage(definition, mode) {
      const before = tables.get(definition.reference);
      if (mode === 'create') requireFree(definition.reference);
      if (mode === 'replace') find(definition.reference);
      return stageTable(defineTable(definition), {
        isUnchanged: () => tables.get(definition.reference) === before,
        publish: (table) => {
          tables.delete(definition.reference);
          tables.set(definition.reference, table);
        },
        conflict: () =>
          catalogError(
            database,
            'conflict',
            `${referenceText(definition.reference)} was created, replaced or dropped meanwhile`,
            'Stage the table again',
          ),
      });
    },
    async alter(reference, changes) {
      const table = find(reference);
      await table.change(async (base) => {
        const altered = alterTable(table.name, base, changes);
        return { ...altered, rowCount: base.rowCount, changes: NO_CHANGES };
      });
      return createTableProvider(table);
    },
    async rename(from, to) {
      const table = find(from);
      requireFree(to);
      tables.move(from, to);
      table.rename(referenceText(to));
    },
    async drop(reference) {
      return tables.delete(reference);
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** @throws MillraceError `unsupported` for a partition expression that is no column, or a default that cannot be computed here. */
function defineTable(definition: TableDefinition): StoredTable {
  const name = referenceText(definition.reference);
  const partitionBy = (definition.partitionBy ?? []).map((expr) => {
    if (expr.kind === 'column' && expr.path.length === 1) return expr.path[0];
    throw catalogError(
      name,
      'unsupported',
      'a table in memory is partitioned by columns, not by expressions',
      'Add the expression as a column',
    );
  });
  for (const field of definition.schema.fields) defaultValue(name, field, definition.defaults?.[field.name]);
  return storeTable(name, {
    schema: definition.schema,
    partitionBy,
    ...(definition.constraints && { constraints: definition.constraints }),
    ...(definition.defaults && { defaults: definition.defaults }),
    ...(definition.properties && { properties: definition.properties }),
  });
}

function stageTable(
  table: StoredTable,
  target: {
    readonly isUnchanged: () => boolean;
    readonly publish: (table: StoredTable) => void;
    readonly conflict: () => MillraceError;
  },
): StagedTable {
  let state: 'staged' | 'committed' | 'aborted' = 'staged';
  const abort = async (): Promise<void> => {
    if (state === 'staged') state = 'aborted';
  };
  return {
    table: createTableProvider(table),
    async commit() {
      if (state !== 'staged')
        throw catalogError(table.name, 'invalid_state', `the staged table was already ${state}`, 'Stage it again');
      if (!target.isUnchanged()) {
        state = 'aborted';
        throw target.conflict();
      }
      state = 'committed';
      target.publish(table);
    },
    abort,
    [Symbol.asyncDispose]: abort,
  };
}

function startsWith(namespace: readonly string[], parent: readonly string[]): boolean {
  return parent.every((part, index) => namespace[index] === part);
}

function catalogError(subject: string, code: ErrorCode, message: string, hint: string): MillraceError {
  return new MillraceError({ code, component: `memory catalog ${subject}`, connector: 'memory', message, hint });
}
