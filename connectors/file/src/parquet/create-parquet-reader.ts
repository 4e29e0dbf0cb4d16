import { describeType } from '@millrace/arrow';
import { type Field, MillraceError, TypeId } from '@millrace/core';
import { type DuckDbDatabase, toDuckDbType } from '@millrace/duckdb';
import type { FileEngine } from '../engine.ts';
import type { FileReader, FixedSchema } from '../file-reader.ts';
import type { FileVersion } from '../file-version.ts';
import { columnTypeError, missingColumnError } from '../schema-errors.ts';
import { callSql, type ReadShape, sqlText, typedNullsSql } from '../table-function.ts';

/**
 * Reads Parquet. Columns are matched by name: one that some files lack is NULL there, and a type widens to what holds the values
 * of all files, as numbers of different widths do. Types of different kinds are an error.
 */
export function createParquetReader(request: { readonly engine: FileEngine; readonly component: string }): FileReader {
  const { engine, component } = request;
  const shapesByFile = new Map<string, { readonly version: string; readonly shape: ReadShape }>();

  const inspect = async (files: readonly FileVersion[]): Promise<readonly ReadShape[]> => {
    const unknown = files.filter(({ path, version }) => shapesByFile.get(path)?.version !== version);
    if (unknown.length > 0) {
      const database = await engine.database();
      const signatures = await readSignatures(database, unknown);
      const shapes = new Map<string, ReadShape>();
      for (const file of unknown) {
        const signature = signatures.get(file.path) ?? file.path;
        const shape = shapes.get(signature) ?? (await describeFile(database, file));
        shapes.set(signature, shape);
        shapesByFile.set(file.path, { version: file.version, shape });
      }
    }
    const listed = new Set(files.map(({ path }) => path));
    for (const path of shapesByFile.keys()) if (!listed.has(path)) shapesByFile.delete(path);
    return files.map(({ path }) => shapesByFile.get(path)!.shape);
  };

  return {
    async inferSchema(files) {
      const shapes = await inspect(files);
      const distinct = [
        ...new Map(shapes.map((shape, index) => [shapeKey(shape), { shape, file: files[index]! }])).values(),
      ];
      const [first] = distinct;
      if (distinct.length === 1) return { fields: first!.shape.fields };
      const merged = new Map(shapes[0]!.fields.map((field) => [field.name.toLowerCase(), field]));
      for (const [index, { fields }] of shapes.entries()) {
        if (index > 0 && shapes[index] === shapes[index - 1]) continue;
        for (const field of fields) {
          const known = merged.get(field.name.toLowerCase());
          const both = known && (await combineFields(await engine.database(), known, field));
          if (known && both === undefined)
            throw columnTypeError({
              component,
              file: files[index]!.path,
              column: field.name,
              found: describeType(field.type),
              wanted: describeType(known.type),
            });
          merged.set(field.name.toLowerCase(), both ?? field);
        }
      }
      return { fields: [...merged.values()] };
    },
    async shapes(files, fixed) {
      const shapes = await inspect(files);
      const checked = new Set<ReadShape>();
      for (const [index, shape] of shapes.entries()) {
        if (checked.has(shape)) continue;
        await checkFits(await engine.database(), { file: files[index]!, shape, fixed, component });
        checked.add(shape);
      }
      const present = new Set(shapes.flatMap(({ fields }) => fields.map(({ name }) => name.toLowerCase())));
      const missing = fixed.schema.fields.find(({ name }) => !present.has(name.toLowerCase()));
      if (missing && files[0])
        throw missingColumnError({
          component,
          file: files[0].path,
          column: missing.name,
          present: shapes[0]!.fields.map(({ name }) => name),
        });
      return shapes;
    },
  };
}

/** A text for each file that is equal where the columns are, so that files of one making are described once. */
async function readSignatures(
  database: DuckDbDatabase,
  files: readonly FileVersion[],
): Promise<ReadonlyMap<string, string>> {
  const list = files.map(({ path }) => sqlText(path.replace(/[*?[]/g, '[$&]'))).join(', ');
  const columns =
    'name, type, type_length, repetition_type, num_children, converted_type, scale, precision, logical_type';
  const rows = await database.withConnection((connection) =>
    connection.rows(
      `SELECT file_name, md5(string_agg(to_json(row(${columns}))::VARCHAR, '' ORDER BY position)) FROM (SELECT *, row_number() OVER () AS position FROM parquet_schema([${list}])) GROUP BY file_name`,
    ),
  );
  return new Map(rows.map(([file, signature]) => [String(file), String(signature)]));
}

async function describeFile(database: DuckDbDatabase, file: FileVersion): Promise<ReadShape> {
  const options = { hive_partitioning: 'false' };
  const call = callSql({ function: 'read_parquet', options }, [file.path]);
  const { fields } = await database.withConnection((connection) => connection.describe(`SELECT * FROM ${call}`));
  return { function: 'read_parquet', options: {}, fields };
}

function shapeKey({ fields }: ReadShape): string {
  return JSON.stringify(fields.map((field) => [field.name, toDuckDbType(field)]));
}

/** The type that DuckDB gives a union of both, where that is not just text for values of different kinds. */
async function combineFields(database: DuckDbDatabase, left: Field, right: Field): Promise<Field | undefined> {
  const [from, to] = [toDuckDbType(left), toDuckDbType(right)];
  if (from === to) return left;
  const union = [from, to].map((type) => typedNullsSql([{ name: left.name, type }])).join(' UNION ALL ');
  try {
    const { fields } = await database.withConnection((connection) => connection.describe(union));
    const [field] = fields;
    const becomesText = field?.type.typeId === TypeId.Utf8 && !(isText(left) && isText(right));
    return becomesText ? undefined : field;
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'sql_error') return undefined;
    throw error;
  }
}

function isText({ type }: Field): boolean {
  return type.typeId === TypeId.Utf8 || type.typeId === TypeId.Dictionary;
}

async function checkFits(
  database: DuckDbDatabase,
  request: {
    readonly file: FileVersion;
    readonly shape: ReadShape;
    readonly fixed: FixedSchema;
    readonly component: string;
  },
): Promise<void> {
  const { file, shape, fixed, component } = request;
  const byName = new Map(shape.fields.map((field) => [field.name.toLowerCase(), field]));
  for (const field of fixed.schema.fields) {
    const found = byName.get(field.name.toLowerCase());
    if (found === undefined || toDuckDbType(found) === toDuckDbType(field)) continue;
    const isExact =
      fixed.origin === 'declared'
        ? !(found.type.typeId === TypeId.Float && field.type.typeId === TypeId.Int)
        : await holdsBoth(database, field, found);
    if (!isExact)
      throw columnTypeError({
        component,
        file: file.path,
        column: field.name,
        found: describeType(found.type),
        wanted: describeType(field.type),
      });
  }
}

async function holdsBoth(database: DuckDbDatabase, fixed: Field, found: Field): Promise<boolean> {
  const both = await combineFields(database, fixed, found);
  return both !== undefined && toDuckDbType(both) === toDuckDbType(fixed);
}
