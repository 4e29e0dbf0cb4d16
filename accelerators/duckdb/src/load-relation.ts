import type { NativeRelation, Schema } from '@millrace/core';
import {
  type DuckDbConnection,
  type DuckDbDatabase,
  quoteIdentifier,
  quoteTableName,
  toDuckDbType,
} from '@millrace/duckdb';
import { inTurn } from './in-turn.ts';

/** What {@link loadRelation} loads, and where to. */
export interface RelationLoad {
  readonly database: DuckDbDatabase;
  readonly connection: DuckDbConnection;
  /** The table, quoted; its columns have the names of the source's. */
  readonly target: string;
  /** A further column of the table in which the rows are numbered in the relation's order. */
  readonly ordinal: string | undefined;
  /** The columns of the relation where it consists of batches. */
  readonly source: Schema;
  /** The columns of the table. */
  readonly schema: Schema;
  readonly relation: NativeRelation;
  readonly columns: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Lets the engine copy a relation into the table; the count of rows, or undefined for one that it cannot read by itself or that has
 * other types than the source announced, which must not be converted without a word.
 */
export async function loadRelation(load: RelationLoad): Promise<bigint | undefined> {
  const opened = openRelation(load);
  if (!opened) return undefined;
  try {
    return await inTurn(load.relation.kind === 'sql' ? load.relation.paths : [], () => copyRows(load, opened));
  } finally {
    opened.release();
  }
}

async function copyRows(load: RelationLoad, opened: OpenedRelation): Promise<bigint | undefined> {
  const { connection, target, ordinal, columns, signal } = load;
  const list = columns.map(quoteIdentifier).join(', ');
  const select = `SELECT ${list} FROM ${opened.from}`;
  if (opened.isForeign && !hasTypes(await connection.describe(select), load)) return undefined;
  const numbered = `SELECT ${list}, row_number() OVER () FROM ${opened.from}`;
  const insert =
    ordinal === undefined
      ? `INSERT INTO ${target} (${list}) ${select}`
      : `INSERT INTO ${target} (${list}, ${quoteIdentifier(ordinal)}) ${numbered}`;
  return connection.run(insert, undefined, { signal });
}

interface OpenedRelation {
  readonly from: string;
  /** Whether the relation's types are the engine's own findings. */
  readonly isForeign: boolean;
  readonly release: () => void;
}

function openRelation({ relation, database, source }: RelationLoad): OpenedRelation | undefined {
  const release = (): void => undefined;
  switch (relation.kind) {
    case 'sql':
      return relation.engine === 'duckdb' ? { from: `(${relation.sql})`, isForeign: true, release } : undefined;
    case 'engine_table': {
      if (relation.engine !== database) return undefined;
      const { catalog, schemaName, table } = relation;
      return { from: quoteTableName({ schemaName, table }, catalog), isForeign: true, release };
    }
    case 'batches': {
      const registered = database.registerBatches({ schema: source, batches: relation.batches });
      return { from: registered.sql, isForeign: false, release: () => registered.release() };
    }
    default:
      // A kind of a later version of the contract.
      return relation satisfies never;
  }
}

function hasTypes({ fields }: Schema, { schema, columns }: RelationLoad): boolean {
  const types = new Map(schema.fields.map((field) => [field.name, toDuckDbType(field)]));
  return columns.every((column, ordinal) => {
    const field = fields[ordinal];
    return field !== undefined && toDuckDbType(field) === types.get(column);
  });
}
