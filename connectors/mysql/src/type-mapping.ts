import { type DataType, dataTypes, TimeUnit } from '@millrace/core';

/** A column as the server's information_schema describes it. */
export interface ColumnDescription {
  readonly name: string;
  /** `decimal`, in lower case. */
  readonly dataType: string;
  /** `decimal(10,2) unsigned`. */
  readonly columnType: string;
  readonly isNullable: boolean;
  readonly precision: number | undefined;
  readonly scale: number | undefined;
  readonly characterSet: string | undefined;
  readonly collation: string | undefined;
  readonly comment: string | undefined;
  /** The default as the server writes it. */
  readonly default: string | undefined;
  readonly isGenerated: boolean;
}

/** How a column is read. */
export interface MappedType {
  readonly type: DataType;
  /** What the values are at the source, which decides how they compare there. */
  readonly kind: ValueKind;
  /** ENUM: the members in the order of their declaration. */
  readonly members?: readonly string[];
}

/** Kinds of values that compare alike. */
export type ValueKind =
  | 'number'
  | 'float'
  | 'year'
  | 'bit'
  | 'text'
  | 'member'
  | 'bytes'
  | 'date'
  | 'duration'
  | 'address'
  | 'json'
  /** Text that the server made of a type without a place here. */
  | 'converted';

const MAX_DECIMAL_DIGITS = 38;

/**
 * Maps a column's type; undefined for one that has no place in Arrow's types, see {@link stringForm}. Every type of MySQL 5.7 to 9
 * and MariaDB 10 to 12 is listed; an unknown one is unsupported.
 */
export function mapType(column: ColumnDescription): MappedType | undefined {
  const isSigned = !/\bunsigned\b/.test(column.columnType);
  switch (column.dataType) {
    case 'tinyint':
      return number(isSigned ? dataTypes.int8() : dataTypes.uint8());
    case 'smallint':
      return number(isSigned ? dataTypes.int16() : dataTypes.uint16());
    case 'mediumint':
    case 'int':
    case 'integer':
      return number(isSigned ? dataTypes.int32() : dataTypes.uint32());
    case 'bigint':
      return number(isSigned ? dataTypes.int64() : dataTypes.uint64());
    case 'decimal':
    case 'numeric': {
      const precision = column.precision ?? 10;
      return precision > MAX_DECIMAL_DIGITS ? undefined : number(dataTypes.decimal(precision, column.scale ?? 0));
    }
    case 'float':
      return { type: dataTypes.float32(), kind: 'float' };
    case 'double':
    case 'real':
      return number(dataTypes.float64());
    case 'bit':
      return { type: dataTypes.uint64(), kind: 'bit' };
    case 'year':
      return { type: dataTypes.int16(), kind: 'year' };
    case 'date':
      return { type: dataTypes.date(), kind: 'date' };
    case 'datetime':
      return { type: dataTypes.timestamp(TimeUnit.Microsecond), kind: 'date' };
    case 'timestamp':
      return { type: dataTypes.timestamp(TimeUnit.Microsecond, 'UTC'), kind: 'date' };
    case 'time':
      return { type: dataTypes.duration(TimeUnit.Microsecond), kind: 'duration' };
    case 'char':
    case 'varchar':
    case 'tinytext':
    case 'text':
    case 'mediumtext':
    case 'longtext':
      return { type: dataTypes.utf8(), kind: 'text' };
    case 'set':
      return { type: dataTypes.utf8(), kind: 'member' };
    case 'enum':
      return mapEnum(column);
    case 'binary':
    case 'varbinary':
    case 'tinyblob':
    case 'blob':
    case 'mediumblob':
    case 'longblob':
      return { type: dataTypes.binary(), kind: 'bytes' };
    case 'json':
      return { type: dataTypes.utf8(), kind: 'json' };
    case 'uuid':
    case 'inet4':
    case 'inet6':
      return { type: dataTypes.utf8(), kind: 'address' };
    default:
      return undefined;
  }
}

/** How a column of an unsupported type is written as text by the server. */
export function stringForm(column: ColumnDescription): (quoted: string) => string {
  if (SPATIAL.has(column.dataType)) return (quoted) => `ST_AsText(${quoted})`;
  if (column.dataType === 'vector') return (quoted) => `HEX(${quoted})`;
  return (quoted) => `CAST(${quoted} AS CHAR CHARACTER SET utf8mb4)`;
}

const SPATIAL: ReadonlySet<string> = new Set([
  'geometry',
  'point',
  'linestring',
  'polygon',
  'multipoint',
  'multilinestring',
  'multipolygon',
  'geometrycollection',
  'geomcollection',
]);

function number(type: DataType): MappedType {
  return { type, kind: 'number' };
}

/** The text that stands in an ENUM column for a value which was none of its members. */
const INVALID_MEMBER = '';

function mapEnum({ columnType }: ColumnDescription): MappedType {
  const declared = readMembers(columnType);
  const members = declared.includes(INVALID_MEMBER) ? declared : [...declared, INVALID_MEMBER];
  const type: DataType = {
    ...ENUM_DICTIONARY,
    indices: dataTypes.uint16(),
    dictionary: dataTypes.utf8(),
  };
  return { type, kind: 'member', members };
}

const ENUM_DICTIONARY = { typeId: -1, id: 0, isOrdered: false } as const;

/** The members of `enum('a','it''s')`. */
export function readMembers(columnType: string): readonly string[] {
  return [...columnType.matchAll(/'((?:[^']|'')*)'/gs)].map((match) => match[1]!.replaceAll("''", "'"));
}

/**
 * Whether the engine may rely on a column having no NULL. A date that is none is read as NULL also where the column forbids NULL, and a
 * view's columns are promised by nobody.
 */
export function isNullable(
  column: ColumnDescription,
  mapped: MappedType,
  table: { readonly isView: boolean; readonly zeroDates: 'null' | 'error' },
): boolean {
  return column.isNullable || table.isView || (mapped.kind === 'date' && table.zeroDates === 'null');
}
