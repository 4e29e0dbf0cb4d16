import { type DataType, dataTypes, FloatPrecision, MillraceError, TypeId } from '@millrace/core';
import {
  ansiFunctions,
  type BoundParameter,
  type Dialect,
  likePartsOf,
  type SemanticsProfile,
  type SourceColumn,
  type WrittenCall,
} from '@millrace/sql';
import type { SqliteValue } from './worker/protocol.ts';

/** SQLite's bound on the length of a LIKE or GLOB pattern, in bytes. */
const MAX_PATTERN_BYTES = 50_000;
const TEXT = dataTypes.utf8();

/** Quotes a name. @throws MillraceError `invalid_argument` for a name with a NUL. */
export function quoteIdentifier(name: string): string {
  if (!name.includes('\0')) return `"${name.replaceAll('"', '""')}"`;
  throw new MillraceError({
    code: 'invalid_argument',
    component: 'sqlite identifier',
    connector: 'sqlite',
    message: 'a name holds a NUL character',
    hint: 'Rename the column or table',
  });
}

/** What the dialect and the profile of a table depend on. */
export interface SqliteColumns {
  /** Their `collation` is `BINARY`, `NOCASE`, `RTRIM`, or undefined where it is another one or not known. */
  readonly columns: readonly SourceColumn[];
  /** Whether texts are kept as UTF-8. */
  readonly isUtf8: boolean;
}

/** How values are kept in the columns of a table. */
export interface SqliteValueForms {
  /** A bound value as it is kept, a list as JSON; undefined for what cannot be bound so that it compares right. */
  toSqliteValue(parameter: BoundParameter): SqliteValue | undefined;
  /** Whether lists of a type are bound as JSON: its values are kept as integers or texts. */
  isListed(type: DataType): boolean;
}

/** SQLite's SQL over the columns of one table. */
export function createDialect({ columns, isUtf8 }: SqliteColumns, forms: SqliteValueForms): Dialect {
  const ordered = new Set(
    columns.filter(({ collation }) => isUtf8 && collation === 'BINARY').map(({ field }) => field.name),
  );
  return {
    name: 'sqlite',
    quoteIdentifier,
    placeholder: () => '?',
    maxParameters: 32_766,
    maxStatementBytes: 1_000_000,
    limitClause: ({ limit, offset }) => ` LIMIT ${limit ?? -1n}${offset === undefined ? '' : ` OFFSET ${offset}`}`,
    sortKey: ({ sql, descending, nullsFirst }) =>
      `${sql} ${descending ? 'DESC' : 'ASC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`,
    canBind: (parameter) => forms.toSqliteValue(parameter) !== undefined,
    listTest: ({ value, list, type, test }) => {
      if (!forms.isListed(type)) return undefined;
      return `${value} ${test === 'in' ? 'IN' : 'NOT IN'} (SELECT value FROM json_each(${list}))`;
    },
    functions: {
      coalesce: ansiFunctions.coalesce!,
      case: ansiFunctions.case!,
      cast: ({ args: [value] }) => `CAST(${value} AS REAL)`,
      like: writeLike,
      starts_with: (written) => {
        const [column] = written.call.args;
        const isOrdered = column?.kind === 'column' && ordered.has(column.path[0]);
        return (isOrdered ? writePrefixRange(written) : undefined) ?? `(instr(${written.args.join(', ')}) = 1)`;
      },
      ends_with: (written) => (isUtf8 ? writeSuffix(written) : undefined),
      contains: ({ args }) => `(instr(${args.join(', ')}) > 0)`,
    },
  };
}

/** What SQLite's comparisons of a table's columns mean, next to the engine's. */
export function createProfile({ columns, isUtf8 }: SqliteColumns): SemanticsProfile {
  const collations = new Map(columns.map((column) => [column.name, column.collation]));
  const asBytes = (sql: string): string => `${sql} COLLATE BINARY`;
  return {
    column({ name, field }) {
      if (field.type.typeId !== TypeId.Utf8) return { equality: 'same', order: 'same', pattern: 'same' };
      // BINARY compares the bytes that are kept, and those of UTF-16 sort otherwise. Patterns are written without a collation.
      const order = isUtf8 ? 'same' : 'unknown';
      const collation = collations.get(name);
      if (collation === 'BINARY') return { equality: 'same', order, pattern: 'same' };
      const equality = collation === 'NOCASE' || collation === 'RTRIM' ? 'wider' : 'unknown';
      return { equality, order: 'unknown', pattern: 'same', ...(isUtf8 && { asBytes }) };
    },
    isEqualFunction: (name, args, result) => {
      if (name === 'coalesce' || name === 'case') return true;
      const isDouble = result.typeId === TypeId.Float && result.precision === FloatPrecision.Double;
      return name === 'cast' && isDouble && args[0]?.type.typeId === TypeId.Int;
    },
    nan: 'absent',
    infinity: 'same',
  };
}

/**
 * GLOB, which minds case, in place of LIKE, which does not; both end at the first NUL of a text, so that a text with one goes to a
 * function of the connector.
 */
function writeLike({ call, args: [value], bind }: WrittenCall): string | undefined {
  const parts = likePartsOf(call);
  if (parts === undefined) return undefined;
  const pattern = parts
    .map((part) => (part.kind === 'text' ? part.text.replace(/[[*?]/g, '[$&]') : part.kind === 'any_run' ? '*' : '?'))
    .join('');
  if (pattern.includes('\0') || Buffer.byteLength(pattern) > MAX_PATTERN_BYTES) return undefined;
  const pieces = JSON.stringify(
    parts.map((part) => (part.kind === 'text' ? part.text : part.kind === 'any_run' ? 0 : 1)),
  );
  const [glob, json] = [pattern, pieces].map((text) => bind({ value: text, type: TEXT }));
  return `(CASE WHEN instr(${value}, char(0)) THEN millrace_like(${value}, ${json}) ELSE ${value} GLOB ${glob} END)`;
}

/** A prefix as a range, which an index answers. */
function writePrefixRange({ call, args: [value], bind }: WrittenCall): string | undefined {
  const prefix = call.args[1];
  if (prefix?.kind !== 'literal' || typeof prefix.value !== 'string' || prefix.value === '') return undefined;
  const end = successor(prefix.value);
  const low = `${value} >= ${bind({ value: prefix.value, type: TEXT })}`;
  return end === undefined ? `(${low})` : `(${low} AND ${value} < ${bind({ value: end, type: TEXT })})`;
}

/** The least text above every text that begins so; undefined where there is none. */
function successor(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  while (points.length > 0) {
    const last = points.pop()!;
    if (last === 0x10ffff) continue;
    // Surrogates are no characters of UTF-8.
    points.push(last === 0xd7ff ? 0xe000 : last + 1);
    return String.fromCodePoint(...points);
  }
  return undefined;
}

/** The last bytes; a text of UTF-8 cannot end in the middle of a character. */
function writeSuffix({ call, args: [value, placeholder] }: WrittenCall): string | undefined {
  const suffix = call.args[1];
  if (suffix?.kind !== 'literal' || typeof suffix.value !== 'string') return undefined;
  if (suffix.value === '') return `(instr(${value}, ${placeholder}) = 1)`;
  const length = Buffer.byteLength(suffix.value);
  // The length comes first, as a part of an empty blob is NULL.
  return `(octet_length(${value}) >= ${length} AND substr(CAST(${value} AS BLOB), -${length}) = CAST(${placeholder} AS BLOB))`;
}
