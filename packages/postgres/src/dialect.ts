import { type DataType, TimeUnit, TypeId } from '@millrace/core';
import { ansiFunctions, type BoundParameter, type Dialect } from '@millrace/sql';
import { type ParameterForm, parameterForm, TEXT_FORM } from './encode-parameter.ts';
import { quoteIdentifier } from './identifier.ts';
import type { WireColumn } from './wire-column.ts';

/** Parameters of the extended protocol are counted by an unsigned 16-bit number. */
const MAX_PARAMETERS = 65_535;
const MAX_STATEMENT_BYTES = 1_048_576;
/** 4714-11-24 BC and 5874897-12-31, the ends of `date`, in days from 1970. */
const FIRST_DAY = -2_440_588;
const LAST_DAY = 2_145_031_948;
/** 4714-11-24 BC in microseconds from 1970; the end is beyond 64 bits. */
const FIRST_MICROS = -210_866_803_200_000_000n;
const INFINITE_DATE = 2 ** 31 - 1;
const INFINITE_TIME = 2n ** 63n - 1n;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** As what the values of a type are sent; undefined for types that are never compared. */
export type FormOfType = (type: DataType) => ParameterForm | undefined;

/**
 * How PostgreSQL spells SQL; the columns tell which type a value that stands opposite of one is sent as.
 *
 * @param formOfType Default: {@link parameterForm}, each type as the server's own.
 */
export function createDialect(
  columns: ReadonlyMap<string, WireColumn>,
  formOfType: FormOfType = parameterForm,
): Dialect {
  const formOf = (parameter: BoundParameter): ParameterForm | undefined =>
    parameterFormOf(parameter, columns, formOfType);
  return {
    name: 'postgres',
    quoteIdentifier,
    placeholder: (ordinal, parameter) => {
      const type = formOf(parameter)?.sqlType ?? 'text';
      return `$${ordinal}::${type}${Array.isArray(parameter.value) ? '[]' : ''}`;
    },
    maxParameters: MAX_PARAMETERS,
    maxStatementBytes: MAX_STATEMENT_BYTES,
    limitClause: ({ limit, offset }) =>
      `${limit === undefined ? '' : ` LIMIT ${limit}`}${offset === undefined ? '' : ` OFFSET ${offset}`}`,
    sortKey: ({ sql, descending, nullsFirst }) =>
      `${sql} ${descending ? 'DESC' : 'ASC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`,
    functions: ansiFunctions,
    canBind: (parameter) => {
      const { value, column } = parameter;
      if (value === null) return true;
      return (
        formOf(parameter) !== undefined && isInRange(parameter) && fitsColumn(value, columns.get(column?.name ?? ''))
      );
    },
    listTest: ({ value, list, test }) => (test === 'in' ? `${value} = ANY(${list})` : `${value} <> ALL(${list})`),
  };
}

/** The form in which a parameter is sent, for {@link createDialect} and for whoever runs the statement. */
export function parameterFormOf(
  { type, column }: BoundParameter,
  columns: ReadonlyMap<string, WireColumn>,
  formOfType: FormOfType = parameterForm,
): ParameterForm | undefined {
  const form = formOfType(type);
  const named = columns.get(column?.name ?? '')?.parameterType;
  return named === undefined || form?.oid !== TEXT_FORM.oid ? form : { ...TEXT_FORM, ...named };
}

/** Whether the server can hold the value at all. */
function isInRange({ value, type }: BoundParameter): boolean {
  switch (type.typeId) {
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
      return typeof value === 'string' && !value.includes('\0');
    case TypeId.Date:
      return isBetween(Number(value), FIRST_DAY, LAST_DAY) || Math.abs(Number(value)) === INFINITE_DATE;
    case TypeId.Timestamp: {
      const micros = value as bigint;
      return !isMicroseconds(type) || micros >= FIRST_MICROS || micros === -INFINITE_TIME;
    }
    case TypeId.Time:
      return !isMicroseconds(type) || ((value as bigint) >= 0n && (value as bigint) <= 86_400_000_000n);
    default:
      return true;
  }
}

/** Counts of other units are no times at the server. */
function isMicroseconds({ unit }: DataType): boolean {
  return unit === undefined || unit === TimeUnit.Microsecond;
}

function isBetween(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

/** Whether the value can be one of the column's: others would be an error of the server where the engine simply finds them unequal. */
function fitsColumn(value: BoundParameter['value'], column: WireColumn | undefined): boolean {
  const fits = column?.literals;
  if (fits === undefined || typeof value !== 'string') return true;
  switch (fits.kind) {
    case 'uuid':
      return UUID.test(value);
    case 'labels':
      return fits.labels.includes(value);
    case 'unpadded':
      return !value.endsWith(' ');
    default:
      return fits satisfies never;
  }
}
