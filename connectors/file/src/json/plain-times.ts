import { type DataType, type Field, isMillraceError, type Schema, TypeId } from '@millrace/core';
import { type DuckDbConnection, quoteIdentifier } from '@millrace/duckdb';
import { callSql, sqlText, sqlTypes } from '../table-function.ts';

/** What is needed to try out how JSON reads. */
export interface JsonTrial {
  readonly connection: DuckDbConnection;
  readonly files: readonly string[];
  /** Options of `read_json` that the user set. */
  readonly options: Readonly<Record<string, string>>;
  /** Options that look at every record. */
  readonly sampling: Readonly<Record<string, string>>;
}

/**
 * The schema with the types of times that a read with given types finds again. DuckDB recognises several formats of dates and
 * timestamps, does not say which one it found, and reads a given type in the usual format only; a column in another format (`31-12-2020`)
 * would fail, or mean another day, and stays text. Costs two reads where there are times at all.
 */
export async function withPlainTimes(trial: JsonTrial, schema: Schema): Promise<Schema> {
  const timed = schema.fields.filter(({ type }) => holdsTime(type));
  if (timed.length === 0 || (await readsSame(trial, schema, timed))) return schema;
  const formats = { dateformat: sqlText('iso'), timestampformat: sqlText('iso') };
  const strict = await describe(trial, { ...formats, ...trial.options });
  const plain = new Map<string, Field>();
  for (const field of timed) {
    const same = await readsSame(trial, { fields: [field] }, [field]);
    plain.set(field.name, same ? field : (strict.fields.find(({ name }) => name === field.name) ?? field));
  }
  return { fields: schema.fields.map((field) => plain.get(field.name) ?? field) };
}

async function readsSame(trial: JsonTrial, schema: Schema, columns: readonly Field[]): Promise<boolean> {
  const sums = columns.map(({ name }) => `sum(hash(${quoteIdentifier(name)}))`).join(', ');
  const found = { ...trial.options, ...trial.sampling };
  const fixed = { ...trial.options, columns: sqlTypes(schema.fields) };
  const [left, right] = [found, fixed].map(
    (options) => `(SELECT row(${sums}) FROM ${callSql({ function: 'read_json', options }, trial.files)})`,
  );
  try {
    const [row] = await trial.connection.rows(`SELECT ${left} IS NOT DISTINCT FROM ${right}`);
    return row?.[0] === true;
  } catch (error) {
    if (isMillraceError(error) && (error.code === 'sql_error' || error.code === 'invalid_data')) return false;
    throw error;
  }
}

function describe(
  { connection, files, sampling }: JsonTrial,
  options: Readonly<Record<string, string>>,
): Promise<Schema> {
  const call = callSql({ function: 'read_json', options: { ...options, ...sampling } }, files);
  return connection.describe(`SELECT * FROM ${call}`);
}

function holdsTime({ typeId, children }: DataType): boolean {
  const isTime = typeId === TypeId.Date || typeId === TypeId.Timestamp || typeId === TypeId.Time;
  return isTime || (children ?? []).some(({ type }) => holdsTime(type));
}
