import { type Field, type Schema, TypeId } from '@millrace/core';
import { quoteIdentifier, toDuckDbType } from '@millrace/duckdb';
import type { FileEngine } from '../engine.ts';
import type { FileReader, FixedSchema } from '../file-reader.ts';
import type { FileVersion } from '../file-version.ts';
import { createInspectionCache } from '../inspection-cache.ts';
import type { CsvOptions } from '../read-options.ts';
import { columnTypeError, extraColumnError, missingColumnError } from '../schema-errors.ts';
import { callSql, type ReadShape, sqlTypes, typedNullsSql } from '../table-function.ts';
import { combineTypes } from './combine-types.ts';
import { type CsvLayout, sniffCsv } from './sniff-csv.ts';

const UNION_HINT = 'Set csv_union_by_name: true to read what is missing as NULL';

/**
 * Reads CSV. Each file's dialect is its own; columns are matched by name, whatever their order. A file that changed is looked
 * at again before it is read, because `read_csv` with given columns goes by position and would round `1.5` to fit a BIGINT.
 */
export function createCsvReader(request: {
  readonly engine: FileEngine;
  readonly options: CsvOptions;
  readonly compression: string;
  readonly component: string;
}): FileReader {
  const { engine, options, component } = request;
  const cache = createInspectionCache<CsvLayout>(async (file) => {
    const database = await engine.database();
    return database.withConnection((connection) => sniffCsv({ ...request, connection, file }));
  });

  /** The layouts that were found to fit the fixed schema, by file. */
  const fitted = new Map<string, CsvLayout>();

  /** The names among these of columns that hold no value in the file: their sniffed type means nothing. */
  const emptyColumns = async (file: FileVersion, layout: CsvLayout, names: readonly string[]): Promise<Set<string>> => {
    if (names.length === 0) return new Set();
    const types = layout.columns.map(({ name }) => textField(name));
    const call = callSql({ function: 'read_csv', options: { ...layout.dialect, columns: sqlTypes(types) } }, [
      file.path,
    ]);
    const counts = names.map((name) => `count(${quoteIdentifier(name)})`).join(', ');
    const database = await engine.database();
    const [row = []] = await database.withConnection((connection) => connection.rows(`SELECT ${counts} FROM ${call}`));
    return new Set(names.filter((_, index) => row[index] === 0n));
  };

  const inferTypes = async (files: readonly FileVersion[], layouts: readonly CsvLayout[]) => {
    const types = new Map<string, { readonly name: string; readonly type: string | undefined }>();
    for (const [index, layout] of layouts.entries()) {
      const file = files[index]!;
      if (index > 0 && !options.unionByName) checkSameColumns(file, layout, [...types.values()], component);
      const conflicting = layout.columns.filter(({ name, type }) => {
        const known = types.get(name.toLowerCase())?.type;
        return type === 'VARCHAR' && known !== 'VARCHAR' && layouts.length > 1;
      });
      const empty = await emptyColumns(
        file,
        layout,
        conflicting.map(({ name }) => name),
      );
      for (const { name, type } of layout.columns) {
        const known = types.get(name.toLowerCase());
        const found = empty.has(name) ? undefined : type;
        const both =
          known?.type === undefined ? found : found === undefined ? known.type : combineTypes(known.type, found);
        types.set(name.toLowerCase(), { name: known?.name ?? name, type: both });
      }
    }
    return [...types.values()].map(({ name, type }) => ({ name, type: type ?? 'VARCHAR' }));
  };

  const checkFits = async (file: FileVersion, layout: CsvLayout, { schema, origin }: FixedSchema): Promise<void> => {
    const present = layout.columns.map(({ name }) => name);
    const byName = new Map(layout.columns.map((column) => [column.name.toLowerCase(), column]));
    const doubtful: { readonly name: string; readonly found: string; readonly field: Field }[] = [];
    for (const field of schema.fields) {
      const column = byName.get(field.name.toLowerCase());
      if (column === undefined) {
        if (options.unionByName) continue;
        throw missingColumnError({ component, file: file.path, column: field.name, present, hint: UNION_HINT });
      }
      const isLossy =
        origin === 'declared'
          ? column.type === 'DOUBLE' && field.type.typeId === TypeId.Int
          : combineTypes(toDuckDbType(field), column.type) !== toDuckDbType(field);
      if (isLossy) doubtful.push({ name: column.name, found: column.type, field });
    }
    const empty = await emptyColumns(
      file,
      layout,
      doubtful.map(({ name }) => name),
    );
    const wrong = doubtful.find(({ name }) => !empty.has(name));
    if (wrong)
      throw columnTypeError({
        component,
        file: file.path,
        column: wrong.field.name,
        found: wrong.found,
        wanted: toDuckDbType(wrong.field),
      });
  };

  return {
    async inferSchema(files) {
      const layouts = await cache.inspect(files);
      const columns = await inferTypes(files, layouts);
      const database = await engine.database();
      return database.withConnection((connection) => connection.describe(typedNullsSql(columns)));
    },
    async shapes(files, fixed) {
      const layouts = await cache.inspect(files);
      return Promise.all(
        files.map(async (file, index) => {
          const layout = layouts[index]!;
          if (fitted.get(file.path) !== layout) {
            await checkFits(file, layout, fixed);
            fitted.set(file.path, layout);
          }
          return shapeOf(layout, fixed.schema);
        }),
      );
    },
  };
}

function shapeOf({ dialect, columns }: CsvLayout, schema: Schema): ReadShape {
  const byName = new Map(schema.fields.map((field) => [field.name.toLowerCase(), field]));
  const fields = columns.map(({ name }) => {
    const field = byName.get(name.toLowerCase());
    return field === undefined ? textField(name) : { ...field, name };
  });
  return { function: 'read_csv', options: { ...dialect, columns: sqlTypes(fields) }, fields };
}

function textField(name: string): Field {
  return { name, nullable: true, type: { typeId: TypeId.Utf8 } };
}

function checkSameColumns(
  file: FileVersion,
  layout: CsvLayout,
  known: readonly { readonly name: string }[],
  component: string,
): void {
  const present = layout.columns.map(({ name }) => name);
  const names = new Set(present.map((name) => name.toLowerCase()));
  const missing = known.find(({ name }) => !names.has(name.toLowerCase()));
  if (missing)
    throw missingColumnError({ component, file: file.path, column: missing.name, present, hint: UNION_HINT });
  const knownNames = new Set(known.map(({ name }) => name.toLowerCase()));
  const extra = present.find((name) => !knownNames.has(name.toLowerCase()));
  if (extra !== undefined) throw extraColumnError({ component, file: file.path, column: extra, hint: UNION_HINT });
}
