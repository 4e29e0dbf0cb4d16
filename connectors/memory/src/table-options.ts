import { batchFromRows } from '@millrace/arrow';
import { type Constraint, type Expr, MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import type { TableShape } from './snapshot.ts';

/** A row by column name, or by position. */
export type MemoryRow = Readonly<Record<string, unknown>> | readonly unknown[];

/** What a table in memory is made from. */
export interface MemoryTableOptions {
  /** May be left out where batches are given: then it is that of the first. */
  readonly schema?: Schema;
  /** Kept as they are; their buffers must not change afterwards. */
  readonly batches?: readonly RecordBatch[];
  /** Converted once; see `batchFromRows` for the values of each type. Needs a schema. */
  readonly rows?: Iterable<MemoryRow>;
  /** How many partitions a scan may have; rows are spread over them evenly. Default 1. */
  readonly partitionCount?: number;
  /** Columns whose values make partitions that can be listed, dropped and overwritten one by one. */
  readonly partitionBy?: readonly string[];
  /** An enforced primary key. */
  readonly primaryKey?: readonly string[];
  readonly constraints?: readonly Constraint[];
  readonly defaults?: Readonly<Record<string, Expr>>;
  readonly properties?: Readonly<Record<string, string>>;
  /** How many versions are kept for reading older ones; at least 1. Default 8. Versions share the rows that they have in common. */
  readonly versionsKept?: number;
}

/** The shape that options ask for. @throws MillraceError `invalid_argument` where they contradict each other. */
export function shapeOf(table: string, options: MemoryTableOptions): TableShape {
  const schema = options.schema ?? options.batches?.[0]?.schema;
  if (schema === undefined) throw invalidOptions(table, 'neither a schema nor a batch was given', 'Give a schema');
  const names = schema.fields.map((field) => field.name);
  if (names.length === 0) throw invalidOptions(table, 'the schema has no column', 'Give at least one field');
  const duplicate = names.find((name, index) => names.indexOf(name) !== index);
  if (duplicate !== undefined) throw invalidOptions(table, `column ${duplicate} is there twice`, 'Rename one of them');
  const constraints: readonly Constraint[] = [
    ...(options.primaryKey ? [{ kind: 'primary_key', columns: options.primaryKey, enforced: true } as const] : []),
    ...(options.constraints ?? []),
  ];
  const partitionColumns = options.partitionBy ?? [];
  for (const name of [...partitionColumns, ...constraints.flatMap(columnsOf)])
    if (!names.includes(name)) throw invalidOptions(table, `there is no column ${name}`, 'Name a column of the schema');
  return {
    schema: { fields: schema.fields, ...(schema.metadata && { metadata: schema.metadata }) },
    constraints,
    defaults: options.defaults ?? {},
    properties: options.properties ?? {},
    partitionColumns,
  };
}

/** The batches that options give, rows converted. */
export function batchesOf(table: string, options: MemoryTableOptions, schema: Schema): readonly RecordBatch[] {
  if (options.rows === undefined) return options.batches ?? [];
  if (options.batches !== undefined)
    throw invalidOptions(table, 'both batches and rows were given', 'Give one of them');
  return [batchFromRows(schema, options.rows)];
}

/** The columns of the table that a constraint is about; those of a check are found when it is compiled. */
export function columnsOf(constraint: Constraint): readonly string[] {
  return constraint.kind === 'check' ? [] : constraint.columns;
}

/** An error of what a caller of this package asked for. */
export function invalidOptions(table: string, message: string, hint: string): MillraceError {
  return new MillraceError({
    code: 'invalid_argument',
    component: `table ${table}`,
    connector: 'memory',
    message,
    hint,
  });
}
