import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import type { LiteralLike } from '@millrace/arrow';
import { type DataType, type Field, TypeId } from '@millrace/core';
import { invalidValue, toBigInt, toBytes, toInteger, toNumber, toText } from '../binding/parameter-forms.ts';
import { sqlTypeText } from '../type-mapping/to-duckdb-type.ts';
import { toLogicalType } from '../type-mapping/to-logical-type.ts';
import { nestedLiteral } from './nested-literal.ts';
import { timeLiteral } from './time-literal.ts';

const INTEGER_WIDTHS: Partial<Record<DuckDBTypeId, 'int64' | 'uint64' | 'int128' | 'uint128'>> = {
  [DuckDBTypeId.BIGINT]: 'int64',
  [DuckDBTypeId.UBIGINT]: 'uint64',
  [DuckDBTypeId.HUGEINT]: 'int128',
  [DuckDBTypeId.UHUGEINT]: 'uint128',
};

const SMALL_INTEGERS: Partial<Record<DuckDBTypeId, { readonly min: number; readonly max: number }>> = {
  [DuckDBTypeId.TINYINT]: { min: -0x80, max: 0x7f },
  [DuckDBTypeId.SMALLINT]: { min: -0x8000, max: 0x7fff },
  [DuckDBTypeId.INTEGER]: { min: -0x8000_0000, max: 0x7fff_ffff },
  [DuckDBTypeId.UTINYINT]: { min: 0, max: 0xff },
  [DuckDBTypeId.USMALLINT]: { min: 0, max: 0xffff },
  [DuckDBTypeId.UINTEGER]: { min: 0, max: 0xffff_ffff },
};

/**
 * Writes a value as an exact, typed expression of DuckDB's SQL, for example `CAST('1.20' AS DECIMAL(10,2))`. It can stand
 * wherever a parameter can. The value has the form of core's literals.
 *
 * Text is a plain string literal, which DuckDB lets take the type of what it is compared to, as it does a bound text.
 *
 * @throws MillraceError `invalid_argument` when the value has not the form of its type or does not fit it, `unsupported_type` where
 * DuckDB lacks the type, `unsupported` for the few instants that DuckDB can store and SQL cannot spell. Never shows the value.
 */
export function toSqlLiteral(value: LiteralLike, type: DataType): string {
  return fieldLiteral({ name: '', type, nullable: true }, value);
}

/** As {@link toSqlLiteral}, for a field: its metadata may name a type that Arrow lacks, its name is used in messages. */
export function fieldLiteral(field: Field, value: LiteralLike): string {
  const type = toLogicalType(field);
  if (value === null) {
    return castTo('NULL', type);
  }
  if (field.type.typeId === TypeId.Dictionary && type.typeId !== DuckDBTypeId.ENUM) {
    return fieldLiteral({ ...field, type: field.type.dictionary ?? field.type }, value);
  }
  return (
    numberLiteral(field, type, value) ??
    textLiteral(field, type, value) ??
    timeLiteral({ field, type, value }) ??
    nestedLiteral({ field, type, value, child: fieldLiteral })
  );
}

/** A string literal. A NUL character, which SQL text cannot hold, is put together with `chr(0)`. */
export function quoteText(text: string): string {
  const parts = text.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts.join('') : `(${parts.join(' || chr(0) || ')})`;
}

function numberLiteral(field: Field, type: DuckDBType, value: LiteralLike): string | undefined {
  const range = SMALL_INTEGERS[type.typeId];
  if (range !== undefined) {
    return castTo(String(toInteger(field, value, range)), type);
  }
  const width = INTEGER_WIDTHS[type.typeId];
  if (width !== undefined) {
    return castTo(`'${toBigInt(field, value, width)}'`, type);
  }
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      if (typeof value !== 'boolean') {
        throw invalidValue(field, 'must be a boolean');
      }
      return String(value);
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE: {
      const number = toNumber(field, value);
      return castTo(Object.is(number, -0) ? "'-0.0'" : `'${number}'`, type);
    }
    case DuckDBTypeId.DECIMAL:
      return castTo(`'${decimalText(field, type, toBigInt(field, value, 'int128'))}'`, type);
    default:
      return undefined;
  }
}

function decimalText(
  field: Field,
  { width, scale }: { readonly width: number; readonly scale: number },
  unscaled: bigint,
): string {
  const limit = 10n ** BigInt(width);
  if (unscaled >= limit || unscaled <= -limit) {
    throw invalidValue(field, `must fit decimal(${width},${scale})`);
  }
  const sign = unscaled < 0n ? '-' : '';
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function textLiteral(field: Field, type: DuckDBType, value: LiteralLike): string | undefined {
  switch (type.typeId) {
    case DuckDBTypeId.VARCHAR: {
      const text = quoteText(toText(field, value));
      return type.alias === 'JSON' ? castTo(text, type) : text;
    }
    case DuckDBTypeId.ENUM:
    case DuckDBTypeId.TIME_TZ:
      return castTo(quoteText(toText(field, value)), type);
    case DuckDBTypeId.BIT:
      return castTo(quoteText(matching({ field, value, form: /^[01]+$/, requirement: 'a text of 0 and 1' })), type);
    case DuckDBTypeId.BIGNUM:
      return castTo(quoteText(matching({ field, value, form: /^-?\d+$/, requirement: 'an integer as text' })), type);
    case DuckDBTypeId.BLOB:
      return blob(toBytes(field, value));
    case DuckDBTypeId.GEOMETRY:
      return `ST_GeomFromWKB(${blob(toBytes(field, value))})`;
    case DuckDBTypeId.UUID: {
      const digits = Buffer.from(toBytes(field, value)).toString('hex');
      if (digits.length !== 32) {
        throw invalidValue(field, 'must have the 16 bytes of a UUID');
      }
      return castTo(`'${digits}'`, type);
    }
    default:
      return undefined;
  }
}

function matching(request: {
  readonly field: Field;
  readonly value: LiteralLike;
  readonly form: RegExp;
  readonly requirement: string;
}): string {
  const text = toText(request.field, request.value);
  if (!request.form.test(text)) {
    throw invalidValue(request.field, `must be ${request.requirement}`);
  }
  return text;
}

function blob(bytes: Uint8Array): string {
  const digits = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return `CAST('${digits.replace(/../g, '\\x$&')}' AS BLOB)`;
}

function castTo(expression: string, type: DuckDBType): string {
  return `CAST(${expression} AS ${sqlTypeText(type)})`;
}
