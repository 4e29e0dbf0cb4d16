import type { Schema } from '@millrace/core';
import type { FileEngine } from '../engine.ts';
import type { FileReader } from '../file-reader.ts';
import type { FileVersion } from '../file-version.ts';
import { createInspectionCache, inspectEach } from '../inspection-cache.ts';
import type { CsvOptions } from '../read-options.ts';
import { type ReadShape, sqlTypes, typedNullsSql } from '../table-function.ts';
import { checkCsvFit } from './check-csv-fit.ts';
import { type CsvFile, findEmptyColumns } from './csv-file.ts';
import { type MergeRequest, mergeColumns } from './merge-columns.ts';
import { type CsvLayout, sniffCsv } from './sniff-csv.ts';
import { textField } from './text-field.ts';

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
  const findLayouts = createInspectionCache<CsvLayout>(
    inspectEach((file, signal) => engine.use(signal, (connection) => sniffCsv({ ...request, connection, file }))),
  );
  /** The layouts that were found to fit the fixed schema, by file. */
  const fitting = new Map<string, CsvLayout>();

  const inspect = async (files: readonly FileVersion[], signal: AbortSignal): Promise<readonly CsvFile[]> => {
    const found = await findLayouts(files, signal);
    return files.map(({ path }, index) => ({ path, layout: found[index]! }));
  };
  const rules = (signal: AbortSignal): Omit<MergeRequest, 'files'> => ({
    columns: options.unionByName ? 'union' : 'same',
    findEmpty: (file, names) => findEmptyColumns(file, names, { engine, signal }),
    component,
  });

  return {
    async inferSchema(files, signal) {
      const columns = await mergeColumns({ files: await inspect(files, signal), ...rules(signal) });
      return engine.use(signal, (connection) => connection.describe(typedNullsSql(columns)));
    },
    async shapes(files, fixed, signal) {
      const found = await inspect(files, signal);
      for (const file of found) {
        if (fitting.get(file.path) === file.layout) continue;
        await checkCsvFit(file, fixed, rules(signal));
        fitting.set(file.path, file.layout);
      }
      return found.map(({ layout }) => shapeOf(layout, fixed.schema));
    },
  };
}

/** Types of the schema, at the places where the file has the columns; what the schema lacks is skipped as text. */
function shapeOf({ dialect, columns }: CsvLayout, schema: Schema): ReadShape {
  const byName = new Map(schema.fields.map((field) => [field.name.toLowerCase(), field]));
  const fields = columns.map(({ name }) => {
    const field = byName.get(name.toLowerCase());
    return field === undefined ? textField(name) : { ...field, name };
  });
  return { function: 'read_csv', options: { ...dialect, columns: sqlTypes(fields) }, fields };
}
