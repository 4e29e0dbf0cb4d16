import { type Constraint, type Expr, type Field, MillraceError, nearestName, type Schema } from '@millrace/core';
import type { SourceColumn } from '@millrace/sql';
import {
  type ColumnCodec,
  type ConflictAction,
  type Query,
  quoteIdentifier,
  SqliteFailure,
  type SqliteValue,
  type WorkerClient,
} from '@millrace/sqlite';
import { defaultLiteral } from './default-literal.ts';
import { type ColumnMapping, codecOf, fromSqliteType } from './type-mapping.ts';

/** A column of a table and how it is read. */
export interface TableColumn extends SourceColumn {
  /** `BINARY`, `NOCASE`, `RTRIM`, or undefined where it is another one or not known; of columns that are read as text. */
  readonly collation?: string;
  readonly codec: ColumnCodec;
  readonly onConflict: ConflictAction;
}

/** What there is to know of a table or view. */
export interface TableDescription {
  /** As the database spells it. */
  readonly name: string;
  readonly tableType: 'base' | 'view';
  readonly columns: readonly TableColumn[];
  readonly constraints: readonly Constraint[];
  readonly defaults: Readonly<Record<string, Expr>>;
  /** Whether texts are kept as UTF-8. */
  readonly isUtf8: boolean;
  /** The name by which the row id is reached; undefined for views, virtual tables and tables without one. */
  readonly rowId?: string;
  /** The definition as text; a scan checks that it is still the same. */
  readonly definition: string;
  readonly definitionQuery: Query;
}

/** What a description is asked for with. */
export interface DescribeRequest {
  readonly client: WorkerClient;
  readonly name: string;
  readonly declared?: Schema;
  readonly onConflict: ConflictAction;
  readonly component: string;
}

type Row = readonly SqliteValue[];

/** Finds a table by its name, as written or else in other case; undefined where there is none. */
export async function describeTable(request: DescribeRequest): Promise<TableDescription | undefined> {
  const { client } = request;
  const [found = [], encodings = []] = await client.rows([
    {
      sql: "SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = ? COLLATE NOCASE ORDER BY name <> ?",
      parameters: [request.name, request.name],
    },
    { sql: 'PRAGMA encoding', parameters: [] },
  ]);
  const [listed] = found;
  if (listed === undefined) return undefined;
  const name = String(listed[0]);
  const isView = listed[1] === 'view';
  const definitionQuery: Query = isView
    ? {
        sql: "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name)",
        parameters: [],
      }
    : { sql: "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", parameters: [name] };
  const [infos = [], indexes = [], foreign = [], definitions = []] = await client.rows([
    {
      sql: 'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?, \'main\') WHERE hidden <> 1 ORDER BY cid',
      parameters: [name],
    },
    {
      sql: "SELECT l.name, l.origin, l.partial, i.name FROM pragma_index_list(?, 'main') l, pragma_index_info(l.name, 'main') i WHERE l.\"unique\" ORDER BY l.seq, i.seqno",
      parameters: [name],
    },
    {
      sql: 'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?, \'main\') ORDER BY id, seq',
      parameters: [name],
    },
    definitionQuery,
  ]);
  const key = infos.filter((info) => Number(info[4]) > 0).sort((a, b) => Number(a[4]) - Number(b[4]));
  const hasRowId = listed[1] === 'table' && Number(listed[2]) === 0;
  const [onlyKey] = key;
  const isRowIdAlias =
    hasRowId &&
    key.length === 1 &&
    String(onlyKey?.[1]).toUpperCase() === 'INTEGER' &&
    !indexes.some(([, origin]) => origin === 'pk');
  const collations = await readCollations(client, name, infos);
  const describe = (info: Row, as?: Field): TableColumn =>
    describeColumn(info, {
      ...(as && { declared: as }),
      collation: collations.get(String(info[0])),
      isStrict: Number(listed[3]) === 1,
      isRowIdAlias: isRowIdAlias && info === onlyKey,
      onConflict: request.onConflict,
      component: request.component,
    });
  const columns = request.declared
    ? request.declared.fields.map((field) => describe(findColumn(infos, field, request.component), field))
    : infos.map((info) => describe(info));
  const taken = new Set(infos.map((info) => String(info[0]).toLowerCase()));
  const rowId = hasRowId ? ['rowid', '_rowid_', 'oid'].find((alias) => !taken.has(alias)) : undefined;
  return {
    name,
    tableType: isView ? 'view' : 'base',
    columns,
    constraints: constraintsOf(key, indexes, foreign),
    defaults: defaultsOf(infos, columns),
    isUtf8: encodings[0]?.[0] === 'UTF-8',
    ...(rowId !== undefined && { rowId }),
    definition: String(definitions[0]?.[0]),
    definitionQuery,
  };
}

function findColumn(infos: readonly Row[], { name }: Field, component: string): Row {
  const names = infos.map((info) => String(info[0]));
  const index = names.includes(name)
    ? names.indexOf(name)
    : names.findIndex((one) => one.toLowerCase() === name.toLowerCase());
  const found = infos[index];
  if (found !== undefined) return found;
  const nearest = nearestName(name, names);
  throw new MillraceError({
    code: 'schema_mismatch',
    component,
    connector: 'sqlite',
    message: `the table has no column ${name}`,
    hint: nearest === undefined ? `Its columns are ${names.join(', ')}` : `Did you mean ${nearest}?`,
  });
}

interface ColumnFacts {
  readonly declared?: Field;
  readonly collation: string | undefined;
  readonly isStrict: boolean;
  readonly isRowIdAlias: boolean;
  readonly onConflict: ConflictAction;
  readonly component: string;
}

function describeColumn([name, declaredType, notNull]: Row, facts: ColumnFacts): TableColumn {
  const sourceType = String(declaredType);
  const own = fromSqliteType(sourceType);
  const mapping = facts.declared ? declaredMapping(facts.declared, own, facts.component) : own;
  // SQLite itself keeps other values out of these.
  const isSure = (facts.isStrict || facts.isRowIdAlias) && mapping === own && own.codec.kind !== 'any_text';
  const onConflict = isSure ? 'error' : facts.onConflict;
  const nullable = onConflict === 'null' || !(facts.isRowIdAlias || Number(notNull) === 1);
  return {
    name: String(name),
    field: { name: facts.declared?.name ?? String(name), type: mapping.type, nullable },
    sourceType,
    ...(facts.collation !== undefined && { collation: facts.collation }),
    // A value that reads as NULL is still there for the source's comparisons.
    isComparable: mapping.isComparable && onConflict === 'error',
    ...(mapping.codec.kind === 'binary' && own.codec.kind !== 'binary' && { readAs: textAsBytes }),
    codec: mapping.codec,
    onConflict,
  };
}

function textAsBytes(quoted: string): string {
  return `CASE typeof(${quoted}) WHEN 'text' THEN CAST(${quoted} AS BLOB) ELSE ${quoted} END`;
}

function declaredMapping(field: Field, own: ColumnMapping, component: string): ColumnMapping {
  const codec = codecOf(field.type);
  if (codec === undefined) {
    throw new MillraceError({
      code: 'unsupported_type',
      component,
      connector: 'sqlite',
      message: `column ${field.name} cannot be read as the declared type`,
      hint: 'Declare an integer, DOUBLE, DECIMAL, BOOLEAN, VARCHAR, BLOB, DATE, TIME, TIMESTAMP or TIMESTAMPTZ',
    });
  }
  const isSame = codec.kind === own.codec.kind || (codec.kind === 'any_text' && own.codec.kind === 'text');
  const isAlike = isSame && codec.kind !== 'decimal';
  // A column of texts stays one when it is declared as what it is.
  const chosen = isSame && codec.kind === 'any_text' ? own.codec : codec;
  return { type: field.type, codec: chosen, isComparable: isAlike && own.isComparable };
}

/** Stands in a statement that is explained and never run. */
const PROBE = 'millrace collation probe';

/**
 * The collations by which columns compare, as SQLite itself resolves them through views and generated columns: the byte code of a
 * comparison names its collation. What cannot be read so is left out, which makes it unknown.
 *
 * Source: https://www.sqlite.org/opcode.html, `Lt`: "If P4 is a collating sequence …"
 */
async function readCollations(
  client: WorkerClient,
  table: string,
  infos: readonly Row[],
): Promise<ReadonlyMap<string, string>> {
  const names = infos.map((info) => String(info[0]));
  const queries = names.map(
    (name): Query => ({
      sql: `EXPLAIN SELECT ${quoteIdentifier(name)} < '${PROBE}' FROM "main".${quoteIdentifier(table)}`,
      parameters: [],
    }),
  );
  const programs = await client.rows(queries).catch((error: unknown) => {
    if (!(error instanceof SqliteFailure) || error.failure.kind !== 'sqlite') throw error;
    return undefined;
  });
  const found = new Map<string, string>();
  for (const [index, name] of names.entries()) {
    // One column whose collation the program lacks fails the statement, and must not hide the others.
    const program =
      programs?.[index] ??
      (await client.rows([queries[index]!]).then(
        ([rows]) => rows,
        () => undefined,
      ));
    const collation = program && collationOf(program);
    if (collation !== undefined) found.set(name, collation);
  }
  return found;
}

const COMPARISONS: ReadonlySet<SqliteValue> = new Set(['Lt', 'Le', 'Gt', 'Ge']);

/** Rows of EXPLAIN: addr, opcode, p1, p2, p3, p4, p5, comment. */
function collationOf(program: readonly Row[]): string | undefined {
  const register = program.find(([, opcode, , , , p4]) => opcode === 'String8' && p4 === PROBE)?.[3];
  if (register === undefined) return undefined;
  const comparison = program.find(
    ([, opcode, p1, , p3]) => COMPARISONS.has(opcode as SqliteValue) && (p1 === register || p3 === register),
  );
  return /^(BINARY|NOCASE|RTRIM)-(8|16LE|16BE)$/.exec(String(comparison?.[5]))?.[1];
}

function constraintsOf(key: readonly Row[], indexes: readonly Row[], foreign: readonly Row[]): readonly Constraint[] {
  const constraints: Constraint[] = [];
  if (key.length > 0)
    constraints.push({ kind: 'primary_key', columns: key.map(([name]) => String(name)), enforced: true });
  for (const rows of groupBy(indexes, ([name]) => String(name))) {
    const [first] = rows;
    const isPlain = first?.[1] !== 'pk' && Number(first?.[2]) === 0 && rows.every(([, , , column]) => column !== null);
    if (isPlain)
      constraints.push({ kind: 'unique', columns: rows.map(([, , , column]) => String(column)), enforced: true });
  }
  for (const rows of groupBy(foreign, ([id]) => String(id))) {
    constraints.push({
      kind: 'foreign_key',
      columns: rows.map(([, , from]) => String(from)),
      references: {
        table: { namespace: ['main'], name: String(rows[0]?.[1]) },
        columns: rows.flatMap(([, , , to]) => (to === null ? [] : [String(to)])),
      },
      // Whether a writer enforced it is a setting of the writer's connection.
      enforced: false,
    });
  }
  return constraints;
}

function defaultsOf(infos: readonly Row[], columns: readonly TableColumn[]): Readonly<Record<string, Expr>> {
  const texts = new Map(infos.map(([name, , , text]) => [String(name), text]));
  return Object.fromEntries(
    columns.flatMap(({ name, field }) => {
      const text = texts.get(name);
      const literal = typeof text === 'string' ? defaultLiteral(text, field.type) : undefined;
      return literal === undefined ? [] : [[field.name, literal]];
    }),
  );
}

function groupBy(rows: readonly Row[], keyOf: (row: Row) => string): readonly (readonly Row[])[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return [...groups.values()];
}
