import { type DataType, dataTypes, type Field, field, TimeUnit } from '@millrace/core';
import { enumType, type WireType } from '@millrace/postgres';
import type { PostgresType } from './table-description.ts';

/** A column's or member's type as the catalog states it. */
export interface StatedType {
  readonly oid: number;
  readonly modifier: number;
  readonly dimensions: number;
}

/** How the values of a type are read. */
export interface MappedType {
  readonly type: DataType;
  readonly wire: WireType;
  /** Converts the value at the server where its own binary form is not read. */
  readonly readAs?: (sql: string) => string;
}

/** What mapping depends on beside the type. */
export interface MappingContext {
  readonly types: ReadonlyMap<number, PostgresType>;
  /** Scale of a numeric that declares none. */
  readonly numericScale: number;
}

/** One line of the table of types in the README. */
export interface TypeRule {
  /** Names of the server's types. */
  readonly names: string;
  /** Type oids that the rule is for; rules without are for families of types. */
  readonly oids: readonly number[];
  readonly arrow: string;
  readonly note?: string;
  readonly map: (stated: StatedType, context: MappingContext) => MappedType | undefined;
}

export const TEXT_OID = 25;
const TEXT_ARRAY_OID = 1009;
const NUMERIC_OID = 1700;
const MAX_DIGITS = 38;
/** Digits of the greatest money with two behind the point. */
const MONEY: WireType = { kind: 'decimal', oid: NUMERIC_OID, precision: 19, scale: 2 };

/** The types with a form of their own, in the order of the README. */
export const TYPE_RULES: readonly TypeRule[] = [
  plain('boolean', 16, 'Bool', { kind: 'bool', oid: 16 }, dataTypes.bool()),
  plain('smallint', 21, 'Int16', { kind: 'int16', oid: 21 }, dataTypes.int16()),
  plain('integer', 23, 'Int32', { kind: 'int32', oid: 23 }, dataTypes.int32()),
  plain('bigint', 20, 'Int64', { kind: 'int64', oid: 20, type: dataTypes.int64() }, dataTypes.int64()),
  ...[26, 28, 29].map((oid) =>
    plain(oid === 26 ? 'oid' : oid === 28 ? 'xid' : 'cid', oid, 'Uint32', { kind: 'uint32', oid }, dataTypes.uint32()),
  ),
  plain('xid8', 5069, 'Uint64', { kind: 'int64', oid: 5069, type: dataTypes.uint64() }, dataTypes.uint64()),
  plain('real', 700, 'Float32', { kind: 'float32', oid: 700 }, dataTypes.float32()),
  plain('double precision', 701, 'Float64', { kind: 'float64', oid: 701 }, dataTypes.float64()),
  {
    names: 'numeric(p,s), numeric',
    oids: [NUMERIC_OID],
    arrow: 'Decimal(p,s); without precision Decimal(38, pg_numeric_scale)',
    note: 'A value that does not fit exactly, NaN and infinities fail; more than 38 digits are unsupported',
    map: mapNumeric,
  },
  {
    names: 'money',
    oids: [790],
    arrow: 'Decimal(19,2)',
    note: 'A currency with other than two digits behind the point fails where it does not fit',
    map: () => ({ type: dataTypes.decimal(19, 2), wire: MONEY, readAs: (sql) => `${sql}::numeric` }),
  },
  bytes('text', 25, 'plain'),
  bytes('varchar(n)', 1043, 'plain'),
  bytes('char(n)', 1042, 'padded', 'Without the padding, as its own cast to text gives it'),
  bytes('name', 19, 'plain'),
  bytes('"char"', 18, 'character'),
  {
    names: 'bytea',
    oids: [17],
    arrow: 'Binary',
    map: () => ({
      type: dataTypes.binary(),
      wire: { kind: 'bytes', oid: 17, form: 'plain', type: dataTypes.binary() },
    }),
  },
  bytes('uuid', 2950, 'uuid', 'In its canonical form'),
  bytes('json', 114, 'plain', 'The text as it was stored'),
  bytes('jsonb', 3802, 'versioned', 'The text as the server writes it'),
  plain(
    'date',
    1082,
    'Date (days)',
    { kind: 'date', oid: 1082 },
    dataTypes.date(),
    'Years before Christ too; both infinities as the extremes that DuckDB reads as such',
  ),
  plain(
    'time',
    1083,
    'Time (µs)',
    { kind: 'int64', oid: 1083, type: dataTypes.time(TimeUnit.Microsecond) },
    dataTypes.time(TimeUnit.Microsecond),
  ),
  timestamp('timestamp', 1114, null),
  timestamp('timestamptz', 1184, 'UTC'),
  plain(
    'interval',
    1186,
    'Interval (months, days, ns)',
    { kind: 'interval', oid: 1186 },
    dataTypes.interval(),
    'The three parts stay apart; more than 292 years of time, and infinite ones, fail',
  ),
];

/** Types whose text is read: their binary form holds nothing more. */
const AS_TEXT: Readonly<Record<number, string>> = {
  1266: 'timetz',
  1560: 'bit(n)',
  1562: 'varbit(n)',
  869: 'inet',
  650: 'cidr',
  829: 'macaddr',
  774: 'macaddr8',
  142: 'xml',
  600: 'point',
  601: 'lseg',
  602: 'path',
  603: 'box',
  604: 'polygon',
  628: 'line',
  718: 'circle',
  3614: 'tsvector',
  3615: 'tsquery',
  4072: 'jsonpath',
  3220: 'pg_lsn',
  27: 'tid',
  2970: 'txid_snapshot',
  5038: 'pg_snapshot',
  1790: 'refcursor',
  22: 'int2vector',
  30: 'oidvector',
  24: 'regproc',
  2202: 'regprocedure',
  2203: 'regoper',
  2204: 'regoperator',
  2205: 'regclass',
  2206: 'regtype',
  4096: 'regrole',
  4089: 'regnamespace',
  3734: 'regconfig',
  3769: 'regdictionary',
  4191: 'regcollation',
};

/** Names of the types that are read as text, for the README. */
export const TEXT_TYPE_NAMES: readonly string[] = Object.values(AS_TEXT);

const INET_OID = 869;
const BY_OID: ReadonlyMap<number, TypeRule> = new Map(
  TYPE_RULES.flatMap((rule) => rule.oids.map((oid) => [oid, rule])),
);

/** How a type is read; undefined where it is unsupported (types of extensions, decimals beyond 38 digits, composites with such members). */
export function mapType(stated: StatedType, context: MappingContext): MappedType | undefined {
  const rule = BY_OID.get(stated.oid);
  if (rule !== undefined) return rule.map(stated, context);
  if (AS_TEXT[stated.oid] !== undefined) return readAsText(stated.oid === INET_OID ? inetText : castToText);
  const described = context.types.get(stated.oid);
  if (described === undefined) return undefined;
  switch (described.kind) {
    case 'd':
      return mapType(
        { oid: described.base, modifier: described.baseModifier, dimensions: described.dimensions },
        context,
      );
    case 'e': {
      const type = enumType();
      return { type, wire: { kind: 'enum', oid: described.oid, labels: described.labels, type } };
    }
    case 'r':
    case 'm':
      return readAsText(castToText);
    case 'c':
      return mapComposite(described, context);
    default:
      if (described.category === 'A' && described.element !== 0) return mapArray(stated, described, context);
      return described.name === 'citext' ? readAsText(castToText) : undefined;
  }
}

/** How a value of any type is read as the server's text of it. */
export function readAsText(toText: (sql: string) => string = castToText): MappedType {
  const type = dataTypes.utf8();
  return { type, wire: { kind: 'bytes', oid: TEXT_OID, form: 'plain', type }, readAs: toText };
}

function castToText(sql: string): string {
  return `${sql}::text`;
}

/** The cast of an inet to text adds the prefix length of a single host; its output function, which clients see, does not. */
function inetText(sql: string): string {
  return `textin(inet_out(${sql}))`;
}

function mapNumeric({ modifier }: StatedType, { numericScale }: MappingContext): MappedType | undefined {
  const shape = modifier < 0 ? { precision: MAX_DIGITS, scale: numericScale } : declaredShape(modifier);
  if (shape.precision > MAX_DIGITS) return undefined;
  return {
    type: dataTypes.decimal(shape.precision, shape.scale),
    wire: { kind: 'decimal', oid: NUMERIC_OID, ...shape },
  };
}

/** Precision above, scale below, which may be negative or above the precision; Arrow's scale is neither. */
function declaredShape(modifier: number): { readonly precision: number; readonly scale: number } {
  const precision = ((modifier - 4) >> 16) & 0xffff;
  const scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
  return scale < 0 ? { precision: precision - scale, scale: 0 } : { precision: Math.max(precision, scale), scale };
}

function mapArray(stated: StatedType, described: PostgresType, context: MappingContext): MappedType | undefined {
  const item = mapType({ oid: described.element, modifier: stated.modifier, dimensions: 0 }, context);
  if (item === undefined) return undefined;
  const dimensions = Math.max(1, stated.dimensions);
  let readAs: ((sql: string) => string) | undefined;
  let wire = memberWire(item.wire, described.element);
  let oid = described.oid;
  if (item.readAs !== undefined) {
    const isText = item.wire.oid === TEXT_OID;
    readAs = isText
      ? item.readAs === inetText
        ? (sql) => `${sql}::text::text[]`
        : (sql) => `${sql}::text[]`
      : (sql) => `${sql}::numeric[]`;
    wire = item.wire;
    oid = isText ? TEXT_ARRAY_OID : 1231;
  }
  let type = wireDataType(wire, item.type);
  for (let level = 0; level < dimensions; level += 1) type = dataTypes.list(type);
  return {
    type,
    wire: { kind: 'list', oid, item: wire, dimensions, type },
    ...(readAs === undefined ? {} : { readAs }),
  };
}

function mapComposite({ oid, members }: PostgresType, context: MappingContext): MappedType | undefined {
  const fields: Field[] = [];
  const wires: WireType[] = [];
  for (const { name, type, modifier, dimensions } of members) {
    const mapped = mapType({ oid: type, modifier, dimensions }, context);
    // Inside a composite nothing can be converted at the server.
    if (mapped === undefined || mapped.readAs !== undefined) return undefined;
    const wire = memberWire(mapped.wire, type);
    fields.push(field(name, wireDataType(wire, mapped.type)));
    wires.push(wire);
  }
  if (fields.length === 0) return undefined;
  const type = dataTypes.struct(fields);
  return { type, wire: { kind: 'struct', oid, members: wires, type } };
}

/** The server names a member by its own type, a domain included; an enum is plain text there. */
function memberWire(wire: WireType, oid: number): WireType {
  return wire.kind === 'enum' ? { kind: 'bytes', oid, form: 'plain', type: dataTypes.utf8() } : { ...wire, oid };
}

function wireDataType(wire: WireType, type: DataType): DataType {
  return wire.kind === 'bytes' ? wire.type : type;
}

function plain(names: string, oid: number, arrow: string, wire: WireType, type: DataType, note?: string): TypeRule {
  return { names, oids: [oid], arrow, map: () => ({ type, wire }), ...(note === undefined ? {} : { note }) };
}

function bytes(
  names: string,
  oid: number,
  form: Extract<WireType, { kind: 'bytes' }>['form'],
  note?: string,
): TypeRule {
  return plain(names, oid, 'Utf8', { kind: 'bytes', oid, form, type: dataTypes.utf8() }, dataTypes.utf8(), note);
}

function timestamp(names: string, oid: number, timezone: string | null): TypeRule {
  const type = dataTypes.timestamp(TimeUnit.Microsecond, timezone);
  const arrow = timezone === null ? 'Timestamp (µs)' : `Timestamp (µs, ${timezone})`;
  return plain(names, oid, arrow, { kind: 'timestamp', oid, type }, type, 'As date; after the year 294246 it fails');
}
