import { MillraceError, nearestName, type TableReference } from '@millrace/core';
import { replaceContents, storeTable } from './create-memory-table.ts';
import type { StoredTable } from './stored-table.ts';
import { createTableProvider, type MemoryTable } from './table.ts';
import type { MemoryTableOptions } from './table-options.ts';

/** A table's name: `orders`, `sales.orders` (every dot separates), or its parts. */
export type MemoryTableName = string | TableReference;

/** A named set of tables, the same for the whole process, whichever copy of this package asks. */
export interface MemoryDatabase {
  readonly name: string;
  /**
   * Puts a table. One of that name gets the new rows, and columns if they differ, as a new version: readers see the old rows or the
   * new ones, and its partition count and number of kept versions stay.
   *
   * @throws MillraceError `invalid_argument`, `schema_mismatch`, `integrity` or `invalid_data`; nothing has changed then.
   */
  put(name: MemoryTableName, options: MemoryTableOptions): MemoryTable;
  /** @throws MillraceError `not_found` with the nearest name. */
  table(name: MemoryTableName): MemoryTable;
  has(name: MemoryTableName): boolean;
  /** False when there was none. */
  drop(name: MemoryTableName): boolean;
  /** Drops every table. */
  clear(): void;
  /** The tables, sorted by name. */
  list(): readonly TableReference[];
  /** The versions behind the tables, for this package's own catalog. */
  readonly tables: TableStore;
}

/** Tables by reference. */
export interface TableStore {
  get(reference: TableReference): StoredTable | undefined;
  set(reference: TableReference, table: StoredTable): void;
  delete(reference: TableReference): boolean;
  /** Gives a table another reference; its providers stay usable. */
  move(from: TableReference, to: TableReference): void;
  entries(): readonly { readonly reference: TableReference; readonly table: StoredTable }[];
}

const REGISTRY = Symbol.for('millrace.memory.databases');

/** Opens the named database of this process, empty when it is opened first. */
export function memoryDatabase(name = 'default'): MemoryDatabase {
  const shared = globalThis as { [REGISTRY]?: Map<string, MemoryDatabase> };
  shared[REGISTRY] ??= new Map();
  const known = shared[REGISTRY].get(name);
  if (known !== undefined) return known;
  const created = createDatabase(name);
  shared[REGISTRY].set(name, created);
  return created;
}

/** Reads a name as written: every dot separates. */
function toReference(name: MemoryTableName): TableReference {
  if (typeof name !== 'string') return name;
  const parts = name.split('.');
  return { namespace: parts.slice(0, -1), name: parts[parts.length - 1]! };
}

/** A reference as users write it. */
export function referenceText({ namespace, name }: TableReference): string {
  return [...namespace, name].join('.');
}

function createDatabase(name: string): MemoryDatabase {
  const tables = createTableStore();
  const find = (reference: TableReference): StoredTable => {
    const found = tables.get(reference);
    if (found !== undefined) return found;
    throw missingTable(name, reference, tables);
  };
  return {
    name,
    tables,
    put(tableName, options) {
      const reference = toReference(tableName);
      const known = tables.get(reference);
      if (known !== undefined) {
        replaceContents(known, options);
        return createTableProvider(known);
      }
      const created = storeTable(referenceText(reference), options);
      tables.set(reference, created);
      return createTableProvider(created);
    },
    table: (tableName) => createTableProvider(find(toReference(tableName))),
    has: (tableName) => tables.get(toReference(tableName)) !== undefined,
    drop: (tableName) => tables.delete(toReference(tableName)),
    clear() {
      for (const { reference } of tables.entries()) tables.delete(reference);
    },
    list: () => tables.entries().map(({ reference }) => reference),
  };
}

function createTableStore(): TableStore {
  const stored = new Map<string, { readonly reference: TableReference; readonly table: StoredTable }>();
  const key = ({ namespace, name }: TableReference): string => JSON.stringify([...namespace, name]);
  return {
    get: (reference) => stored.get(key(reference))?.table,
    set(reference, table) {
      stored.set(key(reference), { reference, table });
    },
    delete(reference) {
      stored.get(key(reference))?.table.drop();
      return stored.delete(key(reference));
    },
    move(from, to) {
      const entry = stored.get(key(from));
      if (entry === undefined || !stored.delete(key(from))) return;
      stored.set(key(to), { reference: to, table: entry.table });
    },
    entries: () =>
      [...stored].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)).map(([, entry]) => entry),
  };
}

function missingTable(database: string, reference: TableReference, tables: TableStore): MillraceError {
  const text = referenceText(reference);
  const known = tables.entries().map((entry) => referenceText(entry.reference));
  const nearest = nearestName(text, known);
  return new MillraceError({
    code: 'not_found',
    component: `memory database ${database}`,
    connector: 'memory',
    message: `there is no table ${text}`,
    hint:
      nearest === undefined
        ? `Put it with memoryDatabase('${database}').put('${text}', …) before it is used`
        : `Did you mean ${nearest}?`,
  });
}
