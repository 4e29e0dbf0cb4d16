import { type Field, MillraceError, type ScanContext, type Schema, type TableProvider } from '@millrace/core';
import { checkSignature } from './check-signature.ts';
import { classifyReadError } from './classify-error.ts';
import type { FileEngine } from './engine.ts';
import type { FileFormat } from './file-format.ts';
import type { FileReader } from './file-reader.ts';
import type { FileVersion } from './file-version.ts';
import { hivePartitionFields } from './hive-partitions.ts';
import { createInspectionCache, inspectEach } from './inspection-cache.ts';
import type { ReadOptions } from './read-options.ts';
import { type FileRead, relationSql } from './relation-sql.ts';
import { type FileScan, planScan } from './scan.ts';
import { hasGlobCharacters } from './table-function.ts';

/** What a table over files is made from. */
export interface FileTableRequest {
  readonly engine: FileEngine;
  readonly reader: FileReader;
  readonly format: FileFormat;
  readonly options: ReadOptions;
  readonly files: readonly FileVersion[];
  /** Lists the files anew. */
  readonly list: () => Promise<readonly FileVersion[]>;
  /** The file that alone decides the schema. */
  readonly schemaFile?: FileVersion;
  readonly declared?: Schema;
  readonly component: string;
  readonly source: string;
  /** Ends the work of creating the table. */
  readonly signal: AbortSignal;
}

/**
 * Creates the table of files that DuckDB reads. The schema is fixed here; which files there are is looked up at each scan.
 * @throws MillraceError as {@link FileReader} does.
 */
export async function createFileTable(request: FileTableRequest): Promise<TableProvider> {
  const { reader, component, engine, options, format, signal } = request;
  const checkSignatures = createInspectionCache(
    inspectEach((file) => checkSignature(file, { format, compression: options.compression }, component)),
  );
  const attempt = async <T>(files: readonly FileVersion[], signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    await checkSignatures(files, signal);
    try {
      return await work();
    } catch (error) {
      throw await classifyReadError(error, { component, files });
    }
  };
  const hive = options.hivePartitioning ? hivePartitionFields(request.files, component) : [];
  const decisive = request.schemaFile ? [request.schemaFile] : request.files;
  const inferred = request.declared
    ? undefined
    : withoutFields(await attempt(decisive, signal, () => reader.inferSchema(decisive, signal)), hive);
  const schema = checkNames(
    request.declared ? asNullable(request.declared) : { fields: [...inferred!.fields, ...hive] },
    component,
  );
  const fixed = {
    schema: inferred ?? withoutFields(schema, hive),
    origin: request.declared ? ('declared' as const) : ('inferred' as const),
  };

  const current = async (files: readonly FileVersion[], { signal }: Pick<ScanContext, 'signal'>): Promise<FileScan> => {
    if (options.hivePartitioning) checkSamePartitions(hivePartitionFields(files, component), hive, component);
    const shapes = await attempt(files, signal, () => reader.shapes(files, fixed, signal));
    const reads = files.map((file, index): FileRead => ({ file, shape: shapes[index]! }));
    return { engine, reads, columns: { schema, hive }, component, source: request.source };
  };
  // Files that do not fit are an error of the dataset, and not only of its first query.
  await current(request.files, request);

  return {
    schema,
    tableType: 'base',
    scan: async (scan, context) => planScan(await current(await request.list(), context), scan),
    async nativeRelation(context) {
      const { reads, columns } = await current(await request.list(), context);
      const paths = reads.map(({ file }) => file.path);
      // An engine allows files by their exact names, and such a name has to be spelled as a pattern.
      if (paths.some(hasGlobCharacters)) return undefined;
      return { kind: 'sql', engine: 'duckdb', sql: relationSql(reads, columns), paths };
    },
  };
}

function withoutFields({ fields }: Schema, left: readonly Field[]): Schema {
  const names = new Set(left.map(({ name }) => name.toLowerCase()));
  return { fields: fields.filter(({ name }) => !names.has(name.toLowerCase())) };
}

/** Nobody has checked a declared promise that there are no nulls. */
function asNullable({ fields }: Schema): Schema {
  return { fields: fields.map((field) => ({ ...field, nullable: true })) };
}

function checkNames(schema: Schema, component: string): Schema {
  const names = schema.fields.map(({ name }) => name.toLowerCase());
  const repeated = schema.fields.find(({ name }, index) => names.indexOf(name.toLowerCase()) !== index);
  if (repeated === undefined && names.length > 0) return schema;
  throw new MillraceError({
    code: 'schema_inference',
    component,
    connector: 'file',
    message: repeated === undefined ? 'the files have no columns' : `there are two columns ${repeated.name}`,
    hint: 'Declare the columns under columns',
  });
}

function checkSamePartitions(found: readonly Field[], expected: readonly Field[], component: string): void {
  const keys = (fields: readonly Field[]) =>
    fields
      .map(({ name }) => name)
      .sort()
      .join(', ');
  if (keys(found) === keys(expected)) return;
  throw new MillraceError({
    code: 'schema_mismatch',
    component,
    connector: 'file',
    message: `the folders are now partitions by ${keys(found) || 'nothing'}, and were by ${keys(expected) || 'nothing'}`,
    hint: 'Start again to use the new partitions',
  });
}
