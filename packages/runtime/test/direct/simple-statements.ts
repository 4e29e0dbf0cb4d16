import type { LiteralLike } from '@millrace/arrow';
import { dataTypes, type Field } from '@millrace/core';
import { type BoundValue, fieldLiteral } from '@millrace/duckdb';
import { createRandom, type Random } from '@millrace/workloads';

/** A table `table` with the columns `"Id"` (its rows' numbers), `v` and `"w w"`, both of one type. */
export interface StatementTable {
  readonly table: string;
  readonly field: Field;
  /** Values of the type, in the form in which they are bound. */
  readonly literals: readonly LiteralLike[];
}

/** A statement of which a scan may do everything. */
export interface SimpleStatement {
  readonly sql: string;
  readonly parameters?: readonly BoundValue[] | Readonly<Record<string, BoundValue>>;
  /** Which rows it gives is left open. */
  readonly hasLimit: boolean;
}

/** Values as people write them, whatever they are compared with. */
const WRITTEN: readonly string[] = [
  ...['0', '1', '-1', '2', '127', '128', '255', '256', '-32768', '65535', '2147483647', '-2147483648', '4294967295'],
  ...['9007199254740993', '9223372036854775807', '-9223372036854775808', '18446744073709551615', '1234567890123456789'],
  ...['0.0', '1.5', '-999.9', '0.001', '99999999999999999999.5', '1e3', '0.1e0', '1e308', 'true', 'false', 'NULL'],
  ...["''", "'a'", "'1'", "'true'", "'2024-02-29'", "DATE '2024-02-29'", "TIMESTAMP '2024-02-29 12:00:00'", "'nan'"],
];

/** Values as people bind them. */
const BOUND: readonly BoundValue[] = [
  ...[0, 1, -1, 127, 128, 255, 1.5, -0, 2 ** 31, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, 0.1],
  ...[0n, 1n, -128n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 2n ** 64n - 1n, 2n ** 100n],
  ...['', 'a', '1', 'nul\0!', '2024-02-29', 'žluťoučký kůň 🐎', true, false, null],
  ...[new Uint8Array(), Uint8Array.of(0, 255), new Date(0), new Date('2024-02-29T12:00:00.001Z')],
  { value: 5, type: dataTypes.int8() },
  { value: 15n, type: dataTypes.decimal(2, 1) },
  { value: 10n ** 37n, type: dataTypes.decimal(38, 0) },
  { value: 1.5, type: dataTypes.float32() },
  { value: 'a', type: dataTypes.utf8() },
  { value: 19_782, type: dataTypes.date() },
  { value: null, type: dataTypes.int32() },
];

const OPERATORS = ['=', '<>', '<', '<=', '>', '>='] as const;
const COLUMNS = ['v', '"w w"', '"V"', 't.V', 'T."W w"', '"Id"', 'id'] as const;

/** Makes statements over the tables, the same ones for one seed. */
export function createStatements(seed: number, tables: readonly StatementTable[]): () => SimpleStatement {
  const random = createRandom(seed, 'simple statements');
  return () => nextStatement(random, random.pick(tables));
}

function nextStatement(random: Random, table: StatementTable): SimpleStatement {
  const values = new Values(random, table);
  const conditions = Array.from({ length: random.integer(0, 2) }, () => condition(random, values));
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const hasLimit = random.chance(0.15);
  const limit = hasLimit ? ` LIMIT ${random.pick(['0', '1', '3', '1000', '9007199254740993', 'NULL'])}` : '';
  const written = random.pick([table.table, table.table.toUpperCase(), `main."${table.table}"`]);
  const sql = `SELECT ${selected(random)} FROM ${written} AS t${where}${limit}`;
  const { parameters } = values;
  return { sql, hasLimit, ...(parameters === undefined ? {} : { parameters }) };
}

function selected(random: Random): string {
  if (random.chance(0.4)) return random.pick(['*', 't.*', '*, v', 'v, *']);
  const item = () => `${random.pick(COLUMNS)}${random.pick(['', '', ' AS x', ' AS "X y"', ' AS v'])}`;
  return Array.from({ length: random.integer(1, 3) }, item).join(', ');
}

function condition(random: Random, values: Values): string {
  const column = random.pick(COLUMNS);
  const value = () => values.next(/id/i.test(column));
  switch (random.integer(0, 6)) {
    case 0:
      return `${column} IS ${random.pick(['', 'NOT '])}NULL`;
    case 1:
      return `${column} BETWEEN ${value()} AND ${value()}`;
    case 2:
      return `${column} IN (${Array.from({ length: random.integer(1, 3) }, value).join(', ')})`;
    case 3:
      return `${value()} ${random.pick(OPERATORS)} ${column}`;
    case 4:
      return random.chance(0.5) ? column : `${column} = ${value()}`;
    default:
      return `${column} ${random.pick(OPERATORS)} ${value()}`;
  }
}

/** The values of one statement: written into it, or bound by position or by name. */
class Values {
  readonly #random: Random;
  readonly #table: StatementTable;
  readonly #style: 'written' | 'positional' | 'named';
  readonly #bound: BoundValue[] = [];

  constructor(random: Random, table: StatementTable) {
    this.#random = random;
    this.#table = table;
    this.#style = random.pick(['written', 'positional', 'named']);
  }

  get parameters(): SimpleStatement['parameters'] {
    if (this.#bound.length === 0) return undefined;
    return this.#style === 'positional'
      ? this.#bound
      : Object.fromEntries(this.#bound.map((value, index) => [`p${index}`, value]));
  }

  /** Half of them are values of the column's type, some are of any. */
  next(isNumber: boolean): string {
    const random = this.#random;
    const { field, literals } = this.#table;
    const literal = random.pick(literals);
    const isOwn = literal !== null && random.chance(isNumber ? 0.1 : 0.6);
    if (this.#style === 'written') {
      return isOwn ? writtenAs(field, literal) : random.pick(WRITTEN);
    }
    const { type, metadata } = field;
    const own = { value: literal, type, ...(metadata === undefined ? {} : { metadata }) };
    this.#bound.push(isOwn ? random.pick<BoundValue>([own, plainOf(own)]) : random.pick(BOUND));
    return this.#style === 'positional' ? `$${this.#bound.length}` : `$p${this.#bound.length - 1}`;
  }
}

/** A plain number where the literal is one, else the typed literal. */
function writtenAs(field: Field, literal: LiteralLike): string {
  return typeof literal === 'bigint' || (typeof literal === 'number' && Number.isFinite(literal))
    ? String(literal)
    : fieldLiteral(field, literal);
}

function plainOf(own: Extract<BoundValue, { value: LiteralLike }>): BoundValue {
  const { value } = own;
  const isPlain =
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    value instanceof Uint8Array;
  return isPlain ? value : own;
}
