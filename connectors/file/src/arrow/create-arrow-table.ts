import { describeType, projectBatch, readIpc, typesEqual } from '@millrace/arrow';
import {
  cancelledError,
  type ExecutionPlan,
  isMillraceError,
  MillraceError,
  type Partition,
  type RecordBatch,
  type ScanContext,
  type ScanRequest,
  type Schema,
  type TableProvider,
} from '@millrace/core';
import { checkSignature } from '../check-signature.ts';
import { changedFileError, findChangedFile } from '../classify-error.ts';
import type { FileEngine } from '../engine.ts';
import { type FileVersion, isUnchanged } from '../file-version.ts';
import { createInspectionCache, inspectEach } from '../inspection-cache.ts';
import { fileSystemError } from '../locate-files.ts';
import { columnTypeError, missingColumnError } from '../schema-errors.ts';

/** What a table over Arrow files is made from. */
export interface ArrowTableRequest {
  /** Its life is that of the connector. */
  readonly engine: FileEngine;
  readonly files: readonly FileVersion[];
  readonly list: () => Promise<readonly FileVersion[]>;
  readonly schemaFile?: FileVersion;
  readonly declared?: Schema;
  readonly component: string;
  readonly source: string;
  readonly signal: AbortSignal;
}

/**
 * Creates the table of Arrow IPC files and streams. Every file has all of the table's columns with exactly their types; columns are
 * matched by name. Batches come as they are stored, read one by one.
 *
 * @throws MillraceError `schema_mismatch` naming file and column, `invalid_data` for what is not Arrow.
 */
export async function createArrowTable(request: ArrowTableRequest): Promise<TableProvider> {
  const { component } = request;
  const readSchemas = createInspectionCache(
    inspectEach(async (file): Promise<Schema> => {
      await checkSignature(file, { format: 'arrow', compression: 'none' }, component);
      return readSchema(file, component);
    }),
  );
  const [first] = await readSchemas([request.schemaFile ?? request.files[0]!], request.signal);
  const schema = request.declared ?? { fields: first!.fields };

  const current = async ({ signal }: Pick<ScanContext, 'signal'>): Promise<readonly ArrowRead[]> => {
    await request.engine.database();
    const files = await request.list();
    const found = await readSchemas(files, signal);
    return files.map((file, index) => ({ file, ordinals: ordinalsOf(file, found[index]!) }));
  };
  const ordinalsOf = (file: FileVersion, { fields }: Schema): readonly number[] =>
    schema.fields.map(({ name, type }) => {
      const ordinal = fields.findIndex((field) => field.name === name);
      const present = fields.map((field) => field.name);
      if (ordinal === -1) throw missingColumnError({ component, file: file.path, column: name, present });
      const found = fields[ordinal]!.type;
      if (typesEqual(found, type)) return ordinal;
      throw columnTypeError({
        component,
        file: file.path,
        column: name,
        found: describeType(found),
        wanted: describeType(type),
      });
    });
  await current(request);
  return {
    schema,
    tableType: 'base',
    scan: async (scan, context) => planScan({ ...request, schema, reads: await current(context) }, scan),
  };
}

interface ArrowRead {
  readonly file: FileVersion;
  /** The place in the file of each of the table's columns. */
  readonly ordinals: readonly number[];
}

interface ArrowScan extends Pick<ArrowTableRequest, 'component' | 'source'> {
  readonly schema: Schema;
  readonly reads: readonly ArrowRead[];
}

/** Projects, and stops early under a limit; everything else is the engine's. */
function planScan(scan: ArrowScan, request: ScanRequest): ExecutionPlan {
  const wrong = request.projection.find((ordinal) => scan.schema.fields[ordinal] === undefined);
  if (wrong !== undefined || request.at !== undefined || (request.metadataColumns?.length ?? 0) > 0)
    throw new MillraceError({
      code: request.at === undefined ? 'invalid_argument' : 'unsupported',
      component: scan.component,
      connector: 'file',
      message:
        request.at !== undefined
          ? 'files keep no older versions of a table'
          : 'a column was asked for that there is not',
    });
  const schema: Schema = { fields: request.projection.map((ordinal) => scan.schema.fields[ordinal]!) };
  const isUntouched = request.filters.length === 0 && !request.sample && !request.aggregate && !request.order;
  const neededRows = isUntouched && request.limit !== undefined ? request.limit + (request.offset ?? 0n) : undefined;
  return {
    schema,
    applied: {
      filters: request.filters.map(() => 'none'),
      ...(request.limit === undefined ? {} : { limit: neededRows === undefined ? 'none' : 'inexact' }),
    },
    partitions: scan.reads.map(({ file: { path, version } }, id) => ({ id, detail: { path, version } })),
    execute: (partition, context) => {
      const { file, ordinals } = readOf(scan, partition);
      const wanted = request.projection.map((ordinal) => ordinals[ordinal]!);
      return readBatches({ file, wanted, schema, neededRows, component: scan.component, context });
    },
    explain: () => ({
      source: scan.source,
      statement: `read ${scan.reads.map(({ file }) => file.path).join(', ')}`,
    }),
  };
}

function readOf(scan: ArrowScan, { detail }: Partition): ArrowRead {
  const { path, version } = detail as { readonly path: string; readonly version: string };
  const read = scan.reads.find(({ file }) => file.path === path && file.version === version);
  if (read) return read;
  throw changedFileError({ path, version, byteCount: 0 }, scan.component);
}

async function* readBatches(request: {
  readonly file: FileVersion;
  readonly wanted: readonly number[];
  readonly schema: Schema;
  readonly neededRows: bigint | undefined;
  readonly component: string;
  readonly context: ScanContext;
}): AsyncGenerator<RecordBatch, void, undefined> {
  const { file, wanted, schema, neededRows, component, context } = request;
  const { signal } = context;
  if (signal.aborted) throw cancelledError(component, signal);
  if (!(await isUnchanged(file))) throw changedFileError(file, component);
  if (neededRows === 0n) return;
  let rowCount = 0n;
  const content = await readIpc({ path: file.path }).catch((error: unknown) => {
    throw ipcError(error, file, component);
  });
  try {
    for await (const batch of content.batches) {
      if (signal.aborted) throw cancelledError(component, signal);
      const { numRows, data } = projectBatch(batch, wanted);
      yield { schema, numRows, data };
      if (signal.aborted) throw cancelledError(component, signal);
      rowCount += BigInt(numRows);
      if (neededRows !== undefined && rowCount >= neededRows) break;
    }
  } catch (error) {
    throw (await findChangedFile([file])) ? changedFileError(file, component, error) : ipcError(error, file, component);
  } finally {
    await content.close();
  }
  if (!(await isUnchanged(file))) throw changedFileError(file, component);
}

async function readSchema(file: FileVersion, component: string): Promise<Schema> {
  try {
    const content = await readIpc({ path: file.path });
    await content.close();
    return content.schema;
  } catch (error) {
    throw ipcError(error, file, component);
  }
}

function ipcError(error: unknown, file: FileVersion, component: string): unknown {
  if (!isMillraceError(error)) return fileSystemError({ component }, file.path, error);
  if (error.code === 'cancelled' || error.connector === 'file') return error;
  return new MillraceError({
    code: error.code,
    component,
    connector: 'file',
    message: `${file.path} cannot be read: ${error.reason}`,
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
