import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DuckDbDatabase, loadBatches, openDatabase, quoteIdentifier, toDuckDbType } from '@millrace/duckdb';
import { generateTpch, type TpchOptions } from './generate-tpch.ts';
import { TPCH_SCHEMAS, type TpchTableName } from './tpch-schemas.ts';
import type { TpchTable } from './tpch-table.ts';

/** Formats that tables can be written in. */
export type TpchFileFormat = 'parquet' | 'csv';

/** What {@link writeTpchFiles} writes, and where. */
export interface WriteTpchRequest extends TpchOptions {
  /** Folder for all generated data; each combination of options gets a folder of its own in it. */
  readonly directory: string;
  /** Format by table; default `parquet`. CSV has a header line, and readers infer doubles where Parquet has decimals. */
  readonly formats?: Readonly<Partial<Record<TpchTableName, TpchFileFormat>>>;
}

/** One file of one table. */
export interface TpchFile {
  readonly table: TpchTableName;
  readonly format: TpchFileFormat;
  /** Absolute. */
  readonly path: string;
}

/** The folder that was written, or found, and its files in the order of the tables. */
export interface TpchFiles {
  readonly directory: string;
  readonly files: readonly TpchFile[];
}

const SOURCE_FOLDERS = ['.', '../random'];

/**
 * Writes the tables into files, once: the folder's name is a hash of the options and of this generator's source text, and a folder of
 * that name is complete, because it gets its name last.
 *
 * At a scale factor of 0.1 it takes about 2 s on two cores; at 1 about 2.7 GB of memory, because DuckDB holds the largest table.
 */
export async function writeTpchFiles(request: WriteTpchRequest): Promise<TpchFiles> {
  const formats = formatsOf(request);
  const directory = path.resolve(request.directory, `tpch-${await hashOf(request, formats)}`);
  if (!(await exists(directory))) await writeFolder(request, { formats, directory });
  const files = formats.map(({ table, format }) => ({
    table,
    format,
    path: path.join(directory, `${table}.${format}`),
  }));
  return { directory, files };
}

interface TableFormat {
  readonly table: TpchTableName;
  readonly format: TpchFileFormat;
}

function formatsOf({ formats }: WriteTpchRequest): readonly TableFormat[] {
  return (Object.keys(TPCH_SCHEMAS) as TpchTableName[]).map((table) => ({
    table,
    format: formats?.[table] ?? 'parquet',
  }));
}

async function hashOf({ scaleFactor, seed = 1 }: WriteTpchRequest, formats: readonly TableFormat[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify({ scaleFactor, seed, formats }));
  for (const folder of SOURCE_FOLDERS) {
    const location = fileURLToPath(new URL(folder, import.meta.url));
    for (const name of (await readdir(location)).filter((name) => name.endsWith('.ts')).sort()) {
      hash.update(await readFile(path.join(location, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

interface Target {
  readonly formats: readonly TableFormat[];
  readonly directory: string;
}

async function writeFolder(request: WriteTpchRequest, { formats, directory }: Target): Promise<void> {
  await mkdir(path.dirname(directory), { recursive: true });
  const temporary = await mkdtemp(`${directory}.`);
  const database = await openDatabase({ path: ':memory:', tempDirectory: path.join(temporary, 'spill') });
  try {
    const { tables } = generateTpch(request);
    for (const [ordinal, table] of tables.entries()) {
      const format = formats[ordinal]?.format ?? 'parquet';
      await writeTable(database, table, path.join(temporary, `${table.name}.${format}`));
    }
    await database.close();
    await rm(path.join(temporary, 'spill'), { recursive: true, force: true });
    await publish(temporary, directory);
  } finally {
    await database.close();
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Gives a finished folder its name; where another process was first, its folder is as good. */
async function publish(temporary: string, directory: string): Promise<void> {
  try {
    await rename(temporary, directory);
  } catch (error) {
    if (!(await exists(directory))) throw error;
  }
}

async function writeTable(database: DuckDbDatabase, { name, schema, batches }: TpchTable, file: string): Promise<void> {
  const target = quoteIdentifier(name);
  const columns = schema.fields.map((field) => `${quoteIdentifier(field.name)} ${toDuckDbType(field)} NOT NULL`);
  const options = file.endsWith('.csv') ? 'FORMAT csv, HEADER' : 'FORMAT parquet, COMPRESSION snappy';
  await database.withConnection(async (connection) => {
    await connection.run(`CREATE TABLE ${target} (${columns.join(', ')})`);
    await loadBatches({ connection, target, schema, batches: batches() });
    await connection.run(`COPY ${target} TO '${file.replaceAll("'", "''")}' (${options})`);
    await connection.run(`DROP TABLE ${target}`);
  });
}

async function exists(directory: string): Promise<boolean> {
  return stat(directory).then(
    () => true,
    () => false,
  );
}
