import { type DataType, type Expr, type ScalarFunction, TypeId } from '@millrace/core';
import type { ColumnSemantics, SemanticsProfile } from '@millrace/sql';
import { bytewiseCollation, type ServerInfo } from './client/server-info.ts';
import type { ColumnDescription, ValueKind } from './type-mapping.ts';

const SAME: ColumnSemantics = { equality: 'same', order: 'same', pattern: 'unknown' };
const UNKNOWN: ColumnSemantics = { equality: 'unknown', order: 'unknown', pattern: 'unknown' };

/** Character sets in which every text of ASCII is itself, so that a literal of it never fails to be converted. */
const ASCII_CHARACTER_SETS: ReadonlySet<string> = new Set([
  ...['ascii', 'latin1', 'latin2', 'latin5', 'latin7', 'cp1250', 'cp1251', 'cp1256', 'cp1257'],
  ...['koi8r', 'koi8u', 'greek', 'hebrew', 'ucs2', 'utf16', 'utf16le', 'utf32'],
]);
const UNICODE: ReadonlySet<string> = new Set(['utf8mb4', 'utf8mb3', 'utf8']);
const NOT_ASCII = /[^\p{ASCII}]/u;

/** A column and what its values are. */
export interface ComparedColumn {
  readonly description: ColumnDescription;
  readonly kind: ValueKind;
}

/**
 * What comparisons mean at the server, per column, against the engine's bytewise ones.
 *
 * Text: most collations ignore case and accents, and all but the NO PAD ones ignore trailing spaces, `utf8mb4_bin` included: their `=` is wider. A
 * literal takes the column's collation, as the column's counts for more. ENUM and SET compare with text as text, and order by declaration.
 */
export function createProfile(server: ServerInfo, columns: ReadonlyMap<string, ComparedColumn>): SemanticsProfile {
  return {
    column: ({ name }) => {
      const column = columns.get(name);
      return column === undefined ? UNKNOWN : columnSemantics(column, server);
    },
    isEqualFunction,
    nan: 'absent',
    infinity: 'absent',
  };
}

/** Whether a text can be compared with a column without an error of the server. */
export function canCompareText(text: string, column: ComparedColumn | undefined): boolean {
  if (column?.kind !== 'text' && column?.kind !== 'member') return true;
  return !ASCII_CHARACTER_SETS.has(column.description.characterSet ?? '') || !NOT_ASCII.test(text);
}

function columnSemantics({ description, kind }: ComparedColumn, server: ServerInfo): ColumnSemantics {
  switch (kind) {
    case 'number':
    case 'bit':
    case 'date':
    case 'bytes':
      return SAME;
    case 'float':
      // A comparison with a FLOAT column may round the other side to a FLOAT as well.
      return { ...UNKNOWN, asBytes: (sql) => `(${sql} + 0e0)` };
    case 'year':
      // `c = 70` would mean the year 1970.
      return { ...UNKNOWN, asBytes: (sql) => `(${sql} + 0)` };
    case 'text':
    case 'member':
      return textSemantics(description, kind, server);
    case 'address':
      return { equality: 'wider', order: 'unknown', pattern: 'unknown', ...textForms((sql) => asUtf8mb4(sql), server) };
    case 'duration':
    case 'json':
    case 'converted':
      return UNKNOWN;
    default:
      return kind satisfies never;
  }
}

function textSemantics(
  { characterSet = '', collation = '' }: ColumnDescription,
  kind: 'text' | 'member',
  server: ServerInfo,
): ColumnSemantics {
  const convert = characterSet === 'utf8mb4' && kind === 'text' ? (sql: string) => sql : convertToUtf8mb4;
  const forms = textForms(convert, server);
  if (!UNICODE.has(characterSet) && !ASCII_CHARACTER_SETS.has(characterSet)) return { ...UNKNOWN, ...forms };
  const isBytewise = characterSet === 'utf8mb4' && kind === 'text' && /_(?:0900|nopad)_bin$/.test(collation);
  if (isBytewise) return { equality: 'same', order: 'same', pattern: 'same' };
  const isBinary = characterSet === 'utf8mb4' && kind === 'text' && collation.endsWith('_bin');
  // Patterns match whole characters and never pad.
  return { equality: 'wider', order: 'unknown', pattern: isBinary ? 'same' : 'wider', ...forms };
}

function textForms(
  convert: (sql: string) => string,
  server: ServerInfo,
): Pick<ColumnSemantics, 'asBytes' | 'patternAsBytes'> {
  const collation = bytewiseCollation(server);
  if (collation !== undefined) return { asBytes: (sql) => `${convert(sql)} COLLATE ${collation}` };
  return {
    asBytes: (sql) => `CAST(${convertToUtf8mb4(sql)} AS BINARY)`,
    patternAsBytes: (sql) => `${convert(sql)} COLLATE utf8mb4_bin`,
  };
}

function convertToUtf8mb4(sql: string): string {
  return `CONVERT(${sql} USING utf8mb4)`;
}

function asUtf8mb4(sql: string): string {
  return `CAST(${sql} AS CHAR CHARACTER SET utf8mb4)`;
}

const COMPARED: ReadonlySet<number> = new Set([TypeId.Int, TypeId.Decimal, TypeId.Date, TypeId.Timestamp]);

/**
 * Functions with the engine's result and never an error. Arithmetic is not among them: it overflows at other bounds here, and a
 * division has another type.
 */
function isEqualFunction(name: ScalarFunction, args: readonly Expr[], result: DataType): boolean {
  switch (name) {
    case 'coalesce':
    case 'case':
      return COMPARED.has(result.typeId) && args.every(({ type }) => isResultOrCondition(type, result));
    case 'length':
      return args.length === 1 && args[0]?.kind === 'column' && args[0].type.typeId === TypeId.Utf8;
    case 'extract':
      return args[1]?.kind === 'column' && isPlainTime(args[1].type);
    default:
      return false;
  }
}

function isResultOrCondition(type: DataType, result: DataType): boolean {
  if (type.typeId === TypeId.Bool) return true;
  return (
    type.typeId === result.typeId &&
    type.scale === result.scale &&
    type.bitWidth === result.bitWidth &&
    type.isSigned === result.isSigned &&
    (type.timezone ?? null) === (result.timezone ?? null)
  );
}

function isPlainTime({ typeId, timezone }: DataType): boolean {
  return typeId === TypeId.Date || (typeId === TypeId.Timestamp && (timezone === undefined || timezone === null));
}
