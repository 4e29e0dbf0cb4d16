import { type DataType, MillraceError, TypeId } from '@millrace/core';
import { ansiFunctions, type BoundParameter, type Dialect, type SourceColumn } from '@millrace/sql';
import { microsOf } from './wire/encode-parameters.ts';

const MAX_NAME_LENGTH = 64;
/** The protocol counts a statement's parameters in two bytes. */
const MAX_PARAMETERS = 65_535;
/** What the server takes where a limit has to stand and none is wanted. */
const NO_LIMIT = 18_446_744_073_709_551_615n;
const MAX_LIST_LENGTH = 10_000;

const FIRST_DAY = -719_162;
const LAST_DAY = 2_932_896;
const MICROS_A_DAY = 86_400_000_000n;

/** Quotes a name; the server takes any but an empty one, one that ends with a space, and one of more than 64 characters. */
export function quoteIdentifier(name: string): string {
  const length = [...name].length;
  if (length === 0) throw refusedName('is empty');
  if (length > MAX_NAME_LENGTH) throw refusedName(`has ${length} characters, and the server takes ${MAX_NAME_LENGTH}`);
  if (name.endsWith(' ')) throw refusedName('ends with a space, which the server does not take');
  if (name.includes('\0')) throw refusedName('holds a NUL character');
  if (/[\u{10000}-\u{10FFFF}]/u.test(name))
    throw refusedName('holds a character beyond U+FFFF, which the server does not take');
  return `\`${name.replaceAll('`', '``')}\``;
}

/**
 * How MySQL and MariaDB spell SQL. Values are always bound: the session has no backslash escapes, and no text is written into a statement.
 *
 * @param maxPacketBytes the server's `max_allowed_packet`.
 * @param canBindText tells whether a text can be compared with a column, in its character set.
 */
export function createDialect(
  maxPacketBytes: number,
  canBindText: (text: string, column: SourceColumn) => boolean,
): Dialect {
  return {
    name: 'mysql',
    quoteIdentifier,
    placeholder: () => '?',
    maxParameters: MAX_PARAMETERS,
    maxStatementBytes: Math.floor(maxPacketBytes / 2),
    maxListLength: MAX_LIST_LENGTH,
    limitClause: ({ limit, offset }) => {
      const count = limit === undefined || limit > NO_LIMIT ? NO_LIMIT : limit;
      return ` LIMIT ${count}${offset === undefined ? '' : ` OFFSET ${offset > NO_LIMIT ? NO_LIMIT : offset}`}`;
    },
    // NULL is the least value here; an index can still be used where that is what is wanted.
    sortKey: ({ sql, descending, nullsFirst }) => {
      const key = `${sql}${descending ? ' DESC' : ''}`;
      return nullsFirst === !descending ? key : `ISNULL(${sql})${nullsFirst ? ' DESC' : ''}, ${key}`;
    },
    functions: {
      ...ansiFunctions,
      extract: ({ call, args: [, value] }) => {
        const part = call.args[0];
        const name = part?.kind === 'literal' && typeof part.value === 'string' ? part.value : '';
        return EXTRACTED.has(name) ? `EXTRACT(${name.toUpperCase()} FROM ${value})` : undefined;
      },
    },
    canBind: (parameter) => canBind(parameter, canBindText),
  };
}

const EXTRACTED: ReadonlySet<string> = new Set(['year', 'month', 'day']);

function canBind(parameter: BoundParameter, canBindText: (text: string, column: SourceColumn) => boolean): boolean {
  const { value, type, column } = parameter;
  if (value === null) return true;
  switch (type.typeId) {
    case TypeId.Bool:
    case TypeId.Int:
    case TypeId.Float:
    case TypeId.Decimal:
    case TypeId.Binary:
    case TypeId.LargeBinary:
    case TypeId.FixedSizeBinary:
      return true;
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
      return column === undefined || typeof value !== 'string' || canBindText(value, column);
    case TypeId.Date:
      return Number(value) >= FIRST_DAY && Number(value) <= LAST_DAY;
    case TypeId.Timestamp:
      return isWithinYears(microsOf(value, type), type);
    default:
      return false;
  }
}

/** The years 1 to 9999; an instant keeps a day's distance, as it is sent in the session's time zone. */
function isWithinYears(micros: bigint, type: DataType): boolean {
  const margin = type.timezone === undefined || type.timezone === null ? 0n : MICROS_A_DAY;
  const first = BigInt(FIRST_DAY) * MICROS_A_DAY + margin;
  const end = BigInt(LAST_DAY + 1) * MICROS_A_DAY - margin;
  return micros >= first && micros < end;
}

function refusedName(problem: string): MillraceError {
  return new MillraceError({
    code: 'invalid_argument',
    component: 'mysql identifier',
    connector: 'mysql',
    message: `a name ${problem}`,
    hint: 'Check the spelling of the table or column',
  });
}
