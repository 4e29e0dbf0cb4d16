import { asNode, integerOf, type PlanNode, textOf } from './plan-json.ts';

/**
 * A constant of a plan. Integers, decimals (unscaled), dates (days), times and timestamps (in the type's unit) are bigints,
 * floating-point numbers are numbers, BLOB and UUID are bytes.
 */
export interface PlanConstant {
  readonly type: PlanNode;
  readonly value: null | boolean | number | bigint | string | Uint8Array;
}

/** Reads `{type, is_null, value}`, or returns undefined for a type without a literal form (lists, intervals, enums …). */
export function readConstant(node: PlanNode | undefined): PlanConstant | undefined {
  const type = asNode(node?.type);
  if (node === undefined || type === undefined) return undefined;
  if (node.is_null === true) return { type, value: null };
  const value = readValue(textOf(type, 'id') ?? '', node.value);
  return value === undefined ? undefined : { type, value };
}

function readValue(typeName: string, value: unknown): Exclude<PlanConstant['value'], null> | undefined {
  switch (typeName) {
    case 'BOOLEAN':
      return typeof value === 'boolean' ? value : undefined;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
    case 'UTINYINT':
    case 'USMALLINT':
    case 'UINTEGER':
    case 'UBIGINT':
    case 'DATE':
    case 'TIME':
    case 'TIME_NS':
    case 'TIMESTAMP':
    case 'TIMESTAMP_S':
    case 'TIMESTAMP_MS':
    case 'TIMESTAMP_NS':
    case 'TIMESTAMP WITH TIME ZONE':
      return integerOf(value);
    case 'DECIMAL':
      return integerOf(value) ?? wideInteger(value);
    case 'HUGEINT':
    case 'UHUGEINT':
      return wideInteger(value);
    case 'FLOAT':
    case 'DOUBLE':
      return floatingPoint(value);
    case 'VARCHAR':
      // DuckDB is told to skip empty members: an empty text is absent.
      return value === undefined ? '' : typeof value === 'string' ? value : undefined;
    case 'BLOB':
      return value === undefined ? new Uint8Array(0) : typeof value === 'string' ? unescapeBlob(value) : undefined;
    case 'UUID':
      return uuidBytes(value);
    default:
      return undefined;
  }
}

/** `{upper, lower}`: `lower` is unsigned, the sign is that of `upper`. */
function wideInteger(value: unknown): bigint | undefined {
  const node = asNode(value);
  const upper = integerOf(node?.upper);
  const lower = integerOf(node?.lower);
  return upper === undefined || lower === undefined ? undefined : (upper << 64n) + lower;
}

function floatingPoint(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^(NaN|-?Infinity|-?\d+)$/.test(value) ? Number(value) : undefined;
}

/** DuckDB writes printable ASCII as it is and every other byte as `\xHH`, the backslash included. */
function unescapeBlob(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  for (let position = 0; position < text.length; position += 1) {
    const code = text.charCodeAt(position);
    if (code > 0x7e) return undefined;
    if (text[position] !== '\\') {
      bytes.push(code);
      continue;
    }
    const hex = /^\\x([0-9A-Fa-f]{2})/.exec(text.slice(position, position + 4))?.[1];
    if (hex === undefined) return undefined;
    bytes.push(Number.parseInt(hex, 16));
    position += 3;
  }
  return Uint8Array.from(bytes);
}

/** DuckDB keeps a UUID as a 128-bit integer with the top bit flipped, so that it sorts as a signed number. */
function uuidBytes(value: unknown): Uint8Array | undefined {
  const stored = wideInteger(value);
  if (stored === undefined) return undefined;
  const flipped = BigInt.asUintN(128, stored) ^ (1n << 127n);
  const hex = flipped.toString(16).padStart(32, '0');
  return Uint8Array.from({ length: 16 }, (_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16));
}
