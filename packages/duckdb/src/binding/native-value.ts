import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import duckdb, { type Value } from '@duckdb/node-bindings';
import type { LiteralLike } from '@millrace/arrow';
import { type Field, TypeId } from '@millrace/core';
import { toLogicalType } from '../type-mapping/to-logical-type.ts';
import { nestedValue } from './nested-value.ts';
import { invalidValue, toBigInt, toBytes, toInteger, toNumber, toText } from './parameter-forms.ts';
import { bitBytes, timeWithZoneBits, uuidNumber } from './parameter-text.ts';
import { dateDays, intervalParts, timeMicroseconds, timestampIn } from './parameter-time.ts';

/**
 * Makes the DuckDB value of one parameter, exactly; `field` says the type and how the value is called in messages.
 *
 * @throws MillraceError `invalid_argument` when the value has not the form of its type (core's `LiteralValue`) or does not fit it,
 * `unsupported_type` for types that cannot be bound. Messages never show the value.
 */
export function nativeValue(field: Field, value: LiteralLike): Value {
  const type = toLogicalType(field);
  if (value === null) {
    return typedNull(type);
  }
  return field.type.typeId === TypeId.Dictionary && type.typeId !== DuckDBTypeId.ENUM
    ? nativeValue({ ...field, type: field.type.dictionary ?? field.type }, value)
    : (scalarValue(field, type, value) ?? nestedValue({ field, type, value, child: nativeValue }));
}

/** A null that knows its type: an item taken out of a list, as the bindings make only nulls without one. */
function typedNull(type: DuckDBType): Value {
  const list = duckdb.create_list_value(type.toLogicalType().logical_type, [duckdb.create_null_value()]);
  return duckdb.get_list_child(list, 0);
}

function scalarValue(field: Field, type: DuckDBType, value: LiteralLike): Value | undefined {
  return numericValue(field, type, value) ?? timeValue(field, type, value) ?? textValue(field, type, value);
}

function numericValue(field: Field, type: DuckDBType, value: LiteralLike): Value | undefined {
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      if (typeof value !== 'boolean') {
        throw invalidValue(field, 'must be a boolean');
      }
      return duckdb.create_bool(value);
    case DuckDBTypeId.TINYINT:
      return duckdb.create_int8(toInteger(field, value, { min: -0x80, max: 0x7f }));
    case DuckDBTypeId.SMALLINT:
      return duckdb.create_int16(toInteger(field, value, { min: -0x8000, max: 0x7fff }));
    case DuckDBTypeId.INTEGER:
      return duckdb.create_int32(toInteger(field, value, { min: -0x8000_0000, max: 0x7fff_ffff }));
    case DuckDBTypeId.UTINYINT:
      return duckdb.create_uint8(toInteger(field, value, { min: 0, max: 0xff }));
    case DuckDBTypeId.USMALLINT:
      return duckdb.create_uint16(toInteger(field, value, { min: 0, max: 0xffff }));
    case DuckDBTypeId.UINTEGER:
      return duckdb.create_uint32(toInteger(field, value, { min: 0, max: 0xffff_ffff }));
    case DuckDBTypeId.BIGINT:
      return duckdb.create_int64(toBigInt(field, value, 'int64'));
    case DuckDBTypeId.UBIGINT:
      return duckdb.create_uint64(toBigInt(field, value, 'uint64'));
    case DuckDBTypeId.HUGEINT:
      return duckdb.create_hugeint(toBigInt(field, value, 'int128'));
    case DuckDBTypeId.UHUGEINT:
      return duckdb.create_uhugeint(toBigInt(field, value, 'uint128'));
    case DuckDBTypeId.FLOAT:
      return duckdb.create_float(toNumber(field, value));
    case DuckDBTypeId.DOUBLE:
      return duckdb.create_double(toNumber(field, value));
    case DuckDBTypeId.DECIMAL: {
      const unscaled = toBigInt(field, value, 'int128');
      const limit = 10n ** BigInt(type.width);
      if (unscaled >= limit || unscaled <= -limit) {
        throw invalidValue(field, `must fit decimal(${type.width},${type.scale})`);
      }
      return duckdb.create_decimal({ width: type.width, scale: type.scale, value: unscaled });
    }
    default:
      return undefined;
  }
}

function timeValue(field: Field, type: DuckDBType, value: LiteralLike): Value | undefined {
  switch (type.typeId) {
    case DuckDBTypeId.DATE:
      return duckdb.create_date({ days: dateDays(field, value) });
    case DuckDBTypeId.TIME:
      return duckdb.create_time({ micros: timeMicroseconds(field, value) });
    case DuckDBTypeId.TIME_NS:
      return duckdb.create_time_ns({ nanos: toBigInt(field, value, 'int64') });
    case DuckDBTypeId.TIMESTAMP_S:
      return duckdb.create_timestamp_s({ seconds: toBigInt(field, value, 'int64') });
    case DuckDBTypeId.TIMESTAMP_MS:
      return duckdb.create_timestamp_ms({ millis: toBigInt(field, value, 'int64') });
    case DuckDBTypeId.TIMESTAMP:
      return duckdb.create_timestamp({ micros: toBigInt(field, value, 'int64') });
    case DuckDBTypeId.TIMESTAMP_NS:
      return duckdb.create_timestamp_ns({ nanos: toBigInt(field, value, 'int64') });
    case DuckDBTypeId.TIMESTAMP_TZ:
      return duckdb.create_timestamp_tz({ micros: timestampIn(field, value) });
    case DuckDBTypeId.INTERVAL:
      return duckdb.create_interval(intervalParts(field, value));
    case DuckDBTypeId.TIME_TZ:
      return duckdb.create_time_tz_value({ bits: timeWithZoneBits(field, toText(field, value)) });
    default:
      return undefined;
  }
}

function textValue(field: Field, type: DuckDBType, value: LiteralLike): Value | undefined {
  switch (type.typeId) {
    case DuckDBTypeId.VARCHAR:
      return duckdb.create_varchar(toText(field, value));
    case DuckDBTypeId.BLOB:
      return duckdb.create_blob(toBytes(field, value));
    case DuckDBTypeId.UUID:
      return duckdb.create_uuid(uuidNumber(field, toBytes(field, value)));
    case DuckDBTypeId.BIT:
      return duckdb.create_bit(bitBytes(field, toText(field, value)));
    case DuckDBTypeId.BIGNUM: {
      const text = toText(field, value);
      if (!/^-?\d+$/.test(text)) {
        throw invalidValue(field, 'must be the decimal digits of an integer');
      }
      // As text, which the cast around the parameter reads: the bindings' own conversion fails ("Invalid blob size").
      return duckdb.create_varchar(text);
    }
    case DuckDBTypeId.ENUM: {
      const member = type.values.indexOf(toText(field, value));
      if (member < 0) {
        throw invalidValue(field, 'is no member of its enum');
      }
      return duckdb.create_enum_value(type.toLogicalType().logical_type, member);
    }
    default:
      return undefined;
  }
}
