import { type Expr, TypeId } from '@millrace/core';
import type { ColumnSemantics, SemanticsProfile } from '@millrace/sql';
import type { ReadColumn } from './read-column.ts';
import type { PostgresCollation, PostgresColumn } from './table-description.ts';
import type { MappedType } from './type-mapping.ts';

/** What the meaning of comparisons on a column depends on. */
export interface SemanticsRequest {
  readonly column: PostgresColumn;
  readonly mapped: MappedType;
  /** The column's type behind domains. */
  readonly oid: number;
  /** Encoding of the database. */
  readonly encoding: string;
}

const SAME: ColumnSemantics = { equality: 'same', order: 'same', pattern: 'unknown' };
const NULLS_ONLY: ColumnSemantics = { equality: 'unknown', order: 'unknown', pattern: 'unknown' };

/** Locales of the C library that compare bytes. */
const BYTEWISE_LOCALES: ReadonlySet<string> = new Set(['C', 'POSIX', 'C.UTF-8', 'C.utf8', 'C.UTF8']);
const BPCHAR_OID = 1042;
const NAME_OID = 19;
const UUID_OID = 2950;

/**
 * How the values of a column compare at the server. Numbers and times compare as in the engine: NaN equals itself and is the greatest float,
 * infinities are the ends of dates and timestamps. Texts depend on the collation.
 */
export function columnSemantics({ column, mapped, oid, encoding }: SemanticsRequest): ColumnSemantics {
  const { wire, readAs } = mapped;
  switch (wire.kind) {
    case 'bool':
    case 'int16':
    case 'int32':
    case 'float32':
    case 'float64':
    case 'date':
    case 'timestamp':
      return SAME;
    case 'decimal':
      // money has no comparison with numbers.
      return readAs === undefined ? SAME : NULLS_ONLY;
    case 'int64':
      return wire.type.isSigned === false ? NULLS_ONLY : SAME;
    case 'uint32':
    case 'interval':
    case 'list':
    case 'struct':
      return NULLS_ONLY;
    case 'enum':
      // Labels are equal as texts are, and ordered by their declaration.
      return {
        equality: 'same',
        order: 'unknown',
        pattern: 'unknown',
        asBytes: (sql) => `${sql}::text COLLATE "C"`,
        literalAsBytes: (sql) => `${sql}::text`,
      };
    case 'bytes':
      if (wire.type.typeId !== TypeId.Utf8) return SAME;
      if (oid === UUID_OID)
        return { ...SAME, asBytes: (sql) => `${sql}::text COLLATE "C"`, literalAsBytes: (sql) => `${sql}::text` };
      if (readAs !== undefined || wire.form === 'versioned' || wire.form === 'character' || oid === 114) {
        return asText(readAs ?? ((sql) => `${sql}::text`));
      }
      return textSemantics({ column, oid, encoding });
    default:
      return wire satisfies never;
  }
}

/** A column that the engine sees as text though it is none at the server: compared as exactly that text, or not at all. */
function asText(toText: (sql: string) => string): ColumnSemantics {
  return { ...NULLS_ONLY, asBytes: (sql) => `${toText(sql)} COLLATE "C"` };
}

function textSemantics({ column, oid, encoding }: Omit<SemanticsRequest, 'mapped'>): ColumnSemantics {
  const toText = oid === BPCHAR_OID ? '::text' : '';
  const asBytes = (sql: string): string => `${sql}${toText} COLLATE "C"`;
  const isUtf8 = encoding === 'UTF8';
  if (oid === NAME_OID) return { equality: 'same', order: 'same', pattern: 'same', asBytes };
  const { collation } = column;
  const bytewise = isUtf8 && collation !== null && isBytewise(collation);
  const equality = collation === null ? 'unknown' : collation.isDeterministic ? 'same' : 'wider';
  // Patterns match padded char(n); a non-deterministic collation matches none before PostgreSQL 18.
  const pattern = oid === BPCHAR_OID || equality !== 'same' ? 'unknown' : 'same';
  return {
    equality,
    order: bytewise ? 'same' : 'unknown',
    pattern,
    // In another encoding the bytes sort otherwise than those of UTF-8, and what it lacks cannot be sent.
    ...(isUtf8 ? { asBytes } : {}),
  };
}

function isBytewise({ provider, locale }: PostgresCollation): boolean {
  return provider === 'b' || (provider === 'c' && locale !== null && BYTEWISE_LOCALES.has(locale));
}

/** The meaning of PostgreSQL's operations for the columns of one table. */
export function createProfile(columns: ReadonlyMap<string, ReadColumn>): SemanticsProfile {
  return {
    column: ({ name }) => columns.get(name)?.semantics ?? NULLS_ONLY,
    nan: 'same',
    infinity: 'same',
    infiniteTime: 'same',
    isEqualFunction: (name, args) => name === 'length' && args.length === 1 && isPlainText(args[0]!, columns),
  };
}

/** Lengths are counted in characters by both. */
function isPlainText(expr: Expr, columns: ReadonlyMap<string, ReadColumn>): boolean {
  if (expr.kind !== 'column' || expr.path.length !== 1) return false;
  const column = [...columns.values()].find(({ field }) => field.name === expr.path[0]);
  return (
    column?.wire.kind === 'bytes' &&
    column.wire.form === 'plain' &&
    (column.wire.oid === 25 || column.wire.oid === 1043) &&
    column.readAs === undefined
  );
}
