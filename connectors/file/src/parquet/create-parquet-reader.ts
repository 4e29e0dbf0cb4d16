import { describeType } from '@millrace/arrow';
import { type Field, TypeId } from '@millrace/core';
import { type DuckDbConnection, toDuckDbType } from '@millrace/duckdb';
import type { FileEngine } from '../engine.ts';
import type { FileReader, FixedSchema } from '../file-reader.ts';
import { createInspectionCache } from '../inspection-cache.ts';
import { columnTypeError, missingColumnError } from '../schema-errors.ts';
import { combineFields } from './combine-fields.ts';
import { describeFiles } from './describe-files.ts';

/**
 * Reads Parquet. Columns are matched by name: one that some files lack is NULL there, and a type widens to what holds the values
 * of all files, as numbers of different widths do. Types of different kinds are an error.
 */
export function createParquetReader(request: { readonly engine: FileEngine; readonly component: string }): FileReader {
  const { engine, component } = request;
  const inspect = createInspectionCache<readonly Field[]>((files, signal) =>
    engine.use(signal, (connection) => describeFiles(connection, files)),
  );
  /** Columns that were found to fit the fixed schema. */
  const fitting = new WeakSet<readonly Field[]>();
  return {
    async inferSchema(files, signal) {
      const found = await inspect(files, signal);
      const parts = files.map(({ path }, index): ParquetFile => ({ path, fields: found[index]! }));
      return { fields: await engine.use(signal, (connection) => mergeFields(connection, distinct(parts), component)) };
    },
    async shapes(files, fixed, signal) {
      const found = await inspect(files, signal);
      const parts = files.map(({ path }, index): ParquetFile => ({ path, fields: found[index]! }));
      const doubtful = distinct(parts.filter(({ fields }) => !fitting.has(fields)));
      if (doubtful.length > 0)
        await engine.use(signal, (connection) => checkFit(connection, doubtful, { ...fixed, component }));
      for (const fields of found) fitting.add(fields);
      checkPresence(parts, fixed, component);
      return found.map((fields) => ({ function: 'read_parquet', options: {}, fields }));
    },
  };
}

interface ParquetFile {
  readonly path: string;
  readonly fields: readonly Field[];
}

/** The first file of each set of columns. */
function distinct(files: readonly ParquetFile[]): readonly ParquetFile[] {
  const first = new Map<string, ParquetFile>();
  for (const file of files) {
    const key = JSON.stringify(file.fields.map((field) => [field.name, toDuckDbType(field)]));
    if (!first.has(key)) first.set(key, file);
  }
  return [...first.values()];
}

async function mergeFields(
  connection: DuckDbConnection,
  files: readonly ParquetFile[],
  component: string,
): Promise<readonly Field[]> {
  if (files.length === 1) return files[0]!.fields;
  const merged = new Map<string, Field>();
  for (const { path, fields } of files) {
    for (const field of fields) {
      const known = merged.get(field.name.toLowerCase());
      const both = known === undefined ? field : await combineFields(connection, known, field);
      if (both === undefined) throw typeError({ path, field, wanted: known!, component });
      merged.set(field.name.toLowerCase(), both);
    }
  }
  return [...merged.values()];
}

/** Checks that reading the files' columns as the schema's changes no value. */
async function checkFit(
  connection: DuckDbConnection,
  files: readonly ParquetFile[],
  { schema, origin, component }: FixedSchema & { readonly component: string },
): Promise<void> {
  for (const { path, fields } of files) {
    const byName = new Map(fields.map((field) => [field.name.toLowerCase(), field]));
    for (const wanted of schema.fields) {
      const field = byName.get(wanted.name.toLowerCase());
      if (field === undefined || toDuckDbType(field) === toDuckDbType(wanted)) continue;
      const both = origin === 'inferred' ? await combineFields(connection, wanted, field) : undefined;
      const holds =
        origin === 'inferred'
          ? both !== undefined && toDuckDbType(both) === toDuckDbType(wanted)
          : !(field.type.typeId === TypeId.Float && wanted.type.typeId === TypeId.Int);
      if (!holds) throw typeError({ path, field, wanted, component });
    }
  }
}

/** A column may be missing in some files, but not in all. */
function checkPresence(files: readonly ParquetFile[], { schema }: FixedSchema, component: string): void {
  const present = new Set(files.flatMap(({ fields }) => fields.map(({ name }) => name.toLowerCase())));
  const missing = schema.fields.find(({ name }) => !present.has(name.toLowerCase()));
  const [first] = files;
  if (missing === undefined || first === undefined) return;
  throw missingColumnError({
    component,
    file: first.path,
    column: missing.name,
    present: first.fields.map(({ name }) => name),
  });
}

function typeError(request: {
  readonly path: string;
  readonly field: Field;
  readonly wanted: Field;
  readonly component: string;
}) {
  return columnTypeError({
    component: request.component,
    file: request.path,
    column: request.wanted.name,
    found: describeType(request.field.type),
    wanted: describeType(request.wanted.type),
  });
}
