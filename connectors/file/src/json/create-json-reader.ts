import { describeType } from '@millrace/arrow';
import { type DataType, type Field, FloatPrecision, MillraceError, type Schema, TypeId } from '@millrace/core';
import { EXTENSION, extensionName } from '@millrace/duckdb';
import type { FileEngine } from '../engine.ts';
import type { FileReader } from '../file-reader.ts';
import type { FileVersion } from '../file-version.ts';
import type { JsonOptions } from '../read-options.ts';
import { columnTypeError } from '../schema-errors.ts';
import { callSql, type ReadShape, sqlText, sqlTypes } from '../table-function.ts';
import { withPlainTimes } from './plain-times.ts';

/**
 * Reads JSON, one array or records in a row. Types hold for every record of every file, as `read_json` finds them with
 * `sample_size = -1`; keys are matched by name, and what a record lacks is NULL. Files that changed are looked at again before they
 * are read, because a fraction would be rounded to fit an integer.
 */
export function createJsonReader(request: {
  readonly engine: FileEngine;
  readonly options: JsonOptions;
  readonly compression: string;
  readonly component: string;
}): FileReader {
  const { engine, component } = request;
  const options = readOptions(request);
  let known: { readonly key: string; readonly schema: Schema } | undefined;

  const describe = async (files: readonly FileVersion[], signal: AbortSignal): Promise<Schema> => {
    const key = files.map(({ path, version }) => `${version}:${path}`).join('\n');
    if (known?.key === key) return known.schema;
    const sample = { ...options, ...samplingOf(files) };
    const call = callSql(
      { function: 'read_json', options: sample },
      files.map(({ path }) => path),
    );
    const schema = await engine.use(signal, (connection) => connection.describe(`SELECT * FROM ${call}`));
    known = { key, schema };
    return schema;
  };

  const hasNoRecords = async (files: readonly FileVersion[], signal: AbortSignal): Promise<boolean> => {
    const untyped = { ...options, columns: `{'json': 'JSON'}` };
    const call = callSql(
      { function: 'read_json', options: untyped },
      files.map(({ path }) => path),
    );
    const rows = await engine.use(signal, (connection) => connection.rows(`SELECT 1 FROM ${call} LIMIT 1`));
    return rows.length === 0;
  };

  return {
    async inferSchema(files, signal) {
      const schema = await describe(files, signal);
      if (isUntold(schema) && (await hasNoRecords(files, signal))) throw noRecordsError(files, component);
      const paths = files.map(({ path }) => path);
      return engine.use(signal, (connection) =>
        withPlainTimes({ connection, files: paths, options, sampling: samplingOf(files) }, schema),
      );
    },
    async shapes(files, { schema, origin }, signal) {
      const found = await describe(files, signal);
      const byName = new Map(found.fields.map((field) => [field.name.toLowerCase(), field]));
      for (const field of schema.fields) {
        const other = byName.get(field.name.toLowerCase());
        if (other === undefined || !losesFraction(other.type, field.type)) continue;
        const file = files.length === 1 ? files[0]!.path : 'the files';
        throw columnTypeError({
          component,
          file,
          column: field.name,
          found: describeType(other.type),
          wanted: describeType(field.type),
        });
      }
      // Keys that differ only by case get a number, and a column of such a name is found by no key: DuckDB has to number again.
      const renamed = origin === 'inferred' && hasNumberedName(schema);
      const shape: ReadShape = renamed
        ? {
            function: 'read_json',
            options: { ...options, ...samplingOf(files) },
            fields: found.fields,
            typesVary: true,
          }
        : {
            function: 'read_json',
            options: { ...options, columns: sqlTypes(schema.fields) },
            fields: schema.fields,
          };
      return files.map(() => shape);
    },
  };
}

/** Types from every record of every file. */
function samplingOf(files: readonly FileVersion[]): Record<string, string> {
  return { sample_size: '-1', maximum_sample_files: String(files.length) };
}

function readOptions({ options, compression }: { readonly options: JsonOptions; readonly compression: string }) {
  return {
    format: sqlText(options.format),
    maximum_object_size: String(options.maximumObjectBytes),
    ...(options.dateFormat === undefined ? {} : { dateformat: sqlText(options.dateFormat) }),
    ...(options.timestampFormat === undefined ? {} : { timestampformat: sqlText(options.timestampFormat) }),
    ...(compression === 'auto' ? {} : { compression: sqlText(compression) }),
  };
}

/** What DuckDB says of a file without records, and of one whose records are of different kinds. */
function isUntold({ fields }: Schema): boolean {
  return fields.length === 1 && fields[0]!.name === 'json' && extensionName(fields[0]!) === EXTENSION.json;
}

function noRecordsError(files: readonly FileVersion[], component: string): MillraceError {
  return new MillraceError({
    code: 'schema_inference',
    component,
    connector: 'file',
    message: `${files.length === 1 ? `${files[0]!.path} has` : 'the files have'} no record that would tell the columns`,
    hint: 'Declare them under columns',
  });
}

function hasNumberedName({ fields }: Schema): boolean {
  const names = new Set(fields.map(({ name }) => name.toLowerCase()));
  return fields.some(({ name }) => {
    const base = /^(.*)_\d+$/.exec(name.toLowerCase())?.[1];
    return base !== undefined && names.has(base);
  });
}

/** Whether somewhere inside floating-point numbers would be read into integers. */
function losesFraction(found: DataType, wanted: DataType): boolean {
  if (wanted.typeId === TypeId.Int) return found.typeId === TypeId.Float && found.precision === FloatPrecision.Double;
  const inner = new Map((found.children ?? []).map((child) => [child.name.toLowerCase(), child]));
  const pairs = (wanted.children ?? []).map((child: Field, index): [Field | undefined, Field] => [
    found.typeId === TypeId.Struct ? inner.get(child.name.toLowerCase()) : found.children?.[index],
    child,
  ]);
  return pairs.some(([from, to]) => from !== undefined && losesFraction(from.type, to.type));
}
