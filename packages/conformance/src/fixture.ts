import {
  type BuildValue,
  batchFromRows,
  createLiteralReader,
  type LiteralLike,
  type RowValue,
  rowArraysFromBatch,
} from '@millrace/arrow';
import type { Field, RecordBatch, Schema } from '@millrace/core';
import type { RowValues } from './model/evaluate.ts';
import type { ConnectorSubject, SourceRefusal, TableLocation } from './subject.ts';

/** A table of the suite, before a source has it. */
export interface TableSpec {
  readonly name: string;
  readonly fields: readonly Field[];
  /** A function where making them takes long. */
  readonly rows: readonly (readonly BuildValue[])[] | (() => readonly (readonly BuildValue[])[]);
  readonly primaryKey?: readonly string[];
  readonly partitionCount?: number;
}

/** A table that stands at the source, and what has to be read from it. */
export interface Fixture {
  readonly location: TableLocation;
  /** What the connector has to present. */
  readonly schema: Schema;
  /** All rows, with that schema. */
  readonly batch: RecordBatch;
  /** All rows as users see them. */
  readonly rows: readonly (readonly RowValue[])[];
  /** All rows for the model. */
  readonly literals: readonly RowValues[];
  /** Whether the source could hold the column. */
  has(column: string): boolean;
  /** @throws TypeError for a column that it has not. */
  field(column: string): Field;
  ordinal(column: string): number;
}

/** Creates a table at the source: columns and rows that it cannot hold are left out. */
export async function createFixture(subject: ConnectorSubject, spec: TableSpec): Promise<Fixture | SourceRefusal> {
  const { source } = subject;
  const kept = spec.fields.flatMap((given, ordinal) => {
    const presented = source.present(given);
    return presented === undefined ? [] : [{ given, presented, ordinal }];
  });
  if (kept.length === 0) return { refused: 'the source has none of these types' };
  const given = typeof spec.rows === 'function' ? spec.rows() : spec.rows;
  const rows = given
    .filter((row) =>
      kept.every(({ given, ordinal }) => row[ordinal] === null || (source.holds?.(given, row[ordinal]!) ?? true)),
    )
    .map((row) => kept.map(({ ordinal }) => row[ordinal] ?? null));
  const location = await source.createTable({
    name: spec.name,
    schema: { fields: kept.map(({ given }) => given) },
    rows,
    ...(spec.primaryKey && { primaryKey: spec.primaryKey }),
    ...(spec.partitionCount !== undefined && { partitionCount: spec.partitionCount }),
  });
  if ('refused' in location) return location;
  const schema: Schema = { fields: kept.map(({ presented }) => presented) };
  return describeFixture(location, batchFromRows(schema, rows));
}

/** The fixture of a table that stands at the source already, with the rows that it has to give. */
export function describeFixture(location: TableLocation, batch: RecordBatch): Fixture {
  const { schema } = batch;
  const ordinals = new Map(schema.fields.map(({ name }, ordinal) => [name, ordinal]));
  const ordinal = (column: string): number => {
    const found = ordinals.get(column);
    if (found === undefined) throw new TypeError(`table ${location.name} has no column ${column}`);
    return found;
  };
  return {
    location,
    schema,
    batch,
    rows: [...rowArraysFromBatch(batch)],
    literals: readLiterals(batch, ordinal),
    has: (column) => ordinals.has(column),
    ordinal,
    field: (column) => schema.fields[ordinal(column)]!,
  };
}

function readLiterals(batch: RecordBatch, ordinal: (column: string) => number): RowValues[] {
  const readers = batch.data.children.map(createLiteralReader);
  return Array.from({ length: batch.numRows }, (_, row) => {
    return (column: string): LiteralLike => readers[ordinal(column)]!(row);
  });
}
