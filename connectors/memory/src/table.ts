import { schemasEqual } from '@millrace/arrow';
import { MillraceError, type NativeRelation, type ScanRequest, type Schema, type TableProvider } from '@millrace/core';
import { openChangeLog } from './changes.ts';
import { metadataColumn, metadataColumns } from './metadata-columns.ts';
import { planMutation } from './mutate.ts';
import { createPartitionAdmin } from './partition-admin.ts';
import { planScan } from './scan/plan-scan.ts';
import type { ScanSource } from './scan/source.ts';
import type { Chunk, Snapshot } from './snapshot.ts';
import type { StoredTable } from './stored-table.ts';
import { openWrite } from './write.ts';

/** The optional abilities that every table in memory has. */
type Always = 'insertInto' | 'mutate' | 'changes' | 'nativeRelation';

/** A table in memory: everything that a table provider can do. */
export interface MemoryTable extends Omit<TableProvider, Always>, Required<Pick<TableProvider, Always>> {
  readonly name: string;
  /** The name of the version that a scan reads now; what `at: { version }` takes later. */
  readonly version: string;
  /** Rows of that version. */
  readonly rowCount: number;
}

/**
 * Creates a provider of what a table holds at the time of each call. Its schema is that of now: once the table's columns are altered
 * it fails with `schema_mismatch`, and once the table is dropped with `not_found`.
 */
export function createTableProvider(stored: StoredTable): MemoryTable {
  const { shape } = stored.current;
  const current = (): Snapshot => withColumns(stored, shape.schema, stored.current);
  const snapshotOf = ({ at }: ScanRequest): Snapshot =>
    at === undefined ? current() : withColumns(stored, shape.schema, stored.snapshotAt(at));
  return {
    get name() {
      return stored.name;
    },
    schema: shape.schema,
    tableType: 'base',
    constraints: shape.constraints,
    defaults: shape.defaults,
    properties: shape.properties,
    metadataColumns,
    get version() {
      return String(stored.current.version);
    },
    get rowCount() {
      return stored.current.rowCount;
    },
    scan: (request, context) => planScan(scanSource(stored, snapshotOf(request)), request, context),
    nativeRelation: () => relationOf(current()),
    insertInto: async (request, context) => openWrite({ stored, shape: current().shape, request, context }),
    mutate: async (mutation) => planMutation({ stored, shape: current().shape, mutation }),
    changes: () => openChangeLog(stored, current().shape),
    ...(shape.partitionColumns.length > 0 && { partitionAdmin: createPartitionAdmin(stored) }),
  };
}

/** Creates a provider of one version, with the columns that it had. It can only be read. */
export function createVersionProvider(stored: StoredTable, snapshot: Snapshot): TableProvider {
  return {
    schema: snapshot.shape.schema,
    tableType: 'base',
    metadataColumns,
    scan: (request, context) => planScan(scanSource(stored, snapshot), request, context),
    nativeRelation: () => relationOf(snapshot),
  };
}

const relations = new WeakMap<Snapshot, NativeRelation>();

/** The same object for the same rows, so that an engine can tell that nothing has changed. */
function relationOf(snapshot: Snapshot): NativeRelation {
  const known = relations.get(snapshot);
  if (known) return known;
  const relation: NativeRelation = { kind: 'batches', batches: snapshot.chunks.map((chunk) => chunk.batch) };
  relations.set(snapshot, relation);
  return relation;
}

function scanSource(stored: StoredTable, snapshot: Snapshot): ScanSource<Chunk> {
  const buckets = Array.from({ length: stored.partitionCount }, (): Chunk[] => []);
  for (const chunk of snapshot.chunks) buckets[chunk.bucket]!.push(chunk);
  return {
    label: `table ${stored.name}`,
    schema: snapshot.shape.schema,
    metadataColumns,
    partitions: buckets.map((rows, bucket) => ({ rows, detail: { version: String(snapshot.version), bucket } })),
    metadataColumn,
  };
}

function withColumns(stored: StoredTable, schema: Schema, snapshot: Snapshot): Snapshot {
  if (stored.isDropped)
    throw new MillraceError({
      code: 'not_found',
      component: `table ${stored.name}`,
      connector: 'memory',
      message: 'the table was dropped',
      hint: 'Load the table again',
    });
  if (snapshot.shape.schema === schema || schemasEqual(snapshot.shape.schema, schema)) return snapshot;
  throw new MillraceError({
    code: 'schema_mismatch',
    component: `table ${stored.name}`,
    connector: 'memory',
    message: `version ${snapshot.version} has other columns than this table was loaded with`,
    hint: 'Load the table again to use its new columns, or load the version through the catalog to read its old ones',
  });
}
