import { dataTypes, type Field, field, type Schema } from '@millrace/core';

/** A table of the soundness tests: its schema, and how one row's values are made, as SQL over `r` (the row's number). */
export interface TestTable {
  readonly schemaName?: string;
  readonly table: string;
  readonly schema: Schema;
  readonly rowCount: number;
  /** One SQL expression a column. `h(n)` is a pseudo-random number from 0 to 999 that depends on `r` and `n`. */
  readonly values: readonly string[];
}

type Column = readonly [name: string, type: Field['type'], value: string];

function table(name: string, rowCount: number, columns: readonly Column[], schemaName?: string): TestTable {
  return {
    ...(schemaName === undefined ? {} : { schemaName }),
    table: name,
    rowCount,
    schema: { fields: columns.map(([column, type]) => field(column, type)) },
    values: columns.map(([, , value]) => value),
  };
}

/** A value that is NULL in about one row of eleven. */
function sometimes(value: string, salt: number): string {
  return `CASE WHEN h(${salt + 500}) % 11 = 0 THEN NULL ELSE ${value} END`;
}

const TEXTS = "['abc', 'abd', 'ab', 'x', 'xyz', '', 'Zed', 'q_', 'é', 'ab%c', 'foo', 'end', 'ünder', 'y', 'z']";

const text = (salt: number): string => sometimes(`${TEXTS}[1 + h(${salt}) % 15]`, salt);
const integer = (salt: number, range: number, from = 0): string => sometimes(`${from} + h(${salt}) % ${range}`, salt);
/** Quarters add up exactly in any order. */
const quarters = (salt: number): string => sometimes(`(h(${salt}) % 60 - 20) * 0.25`, salt);
const date = (salt: number): string => sometimes(`DATE '1994-01-01' + (h(${salt}) % 900)::INTEGER`, salt);
const moment = (salt: number): string =>
  sometimes(`TIMESTAMP '1994-01-01' + to_seconds(h(${salt}) * 86400 + (h(${salt + 1}) % 3) * 43200)`, salt);

const items = table('items', 160, [
  ['id', dataTypes.int32(), 'r'],
  ['a', dataTypes.int32(), integer(1, 12)],
  ['b', dataTypes.utf8(), text(2)],
  ['c', dataTypes.int64(), integer(3, 15)],
  ['d', dataTypes.float64(), quarters(4)],
  ['e', dataTypes.decimal(10, 2), sometimes('(h(5) % 700) * 0.01::DECIMAL(10,2)', 5)],
  ['f', dataTypes.date(), date(6)],
  ['g', dataTypes.timestamp(), moment(7)],
  ['h', dataTypes.timestamp(2, 'UTC'), sometimes("TIMESTAMPTZ '1994-01-01 00:00:00+00' + to_seconds(h(9) * 86400)", 9)],
  ['n', dataTypes.bool(), sometimes('h(10) % 2 = 0', 10)],
  [
    'l',
    dataTypes.struct([field('x', dataTypes.int32()), field('y', dataTypes.struct([field('z', dataTypes.utf8())]))]),
    sometimes(`{'x': ${integer(11, 9)}, 'y': {'z': ${text(12)}}}`, 11),
  ],
  ['m', dataTypes.list(dataTypes.int32()), sometimes('[h(13) % 4, h(14) % 4]', 13)],
  ['odd name', dataTypes.int16(), integer(15, 10)],
  ['q', dataTypes.uint8(), integer(16, 200)],
  ['v', dataTypes.float32(), quarters(17)],
]);

const others = table('others', 60, [
  ['id', dataTypes.int32(), 'r'],
  ['a', dataTypes.int32(), integer(21, 12)],
  ['b', dataTypes.largeUtf8(), text(22)],
  ['c', dataTypes.int64(), integer(23, 15)],
  ['f', dataTypes.date(), date(24)],
  ['g', dataTypes.timestamp(), moment(25)],
]);

const small = table('small', 7, [
  ['id', dataTypes.int32(), 'r'],
  ['b', dataTypes.utf8(), text(31)],
]);

const elsewhere = table(
  'items',
  20,
  [
    ['id', dataTypes.int32(), 'r'],
    ['b', dataTypes.utf8(), text(41)],
  ],
  's2',
);

/** Order lines in the manner of a decision-support benchmark. */
const customers = table('customers', 40, [
  ['ckey', dataTypes.int32(), 'r'],
  ['nation', dataTypes.int32(), 'h(50) % 6'],
  ['segment', dataTypes.utf8(), "['BUILDING', 'MACHINERY', 'FURNITURE'][1 + h(51) % 3]"],
  ['phone', dataTypes.utf8(), "(10 + h(52) % 9) || '-' || h(53)"],
  ['balance', dataTypes.decimal(15, 2), '(h(54) - 300)::DECIMAL(15,2)'],
]);

const orders = table('orders', 160, [
  ['okey', dataTypes.int64(), 'r'],
  ['ckey', dataTypes.int32(), 'h(60) % 45'],
  ['status', dataTypes.utf8(), "['O', 'F', 'P'][1 + h(61) % 3]"],
  ['placed', dataTypes.date(), "DATE '1994-01-01' + (h(62) % 700)::INTEGER"],
  ['priority', dataTypes.utf8(), "['1-URGENT', '2-HIGH', '5-LOW'][1 + h(63) % 3]"],
  ['remark', dataTypes.utf8(), "['special requests', 'plain', 'special odd requests'][1 + h(64) % 3]"],
]);

const lines = table('lines', 500, [
  ['okey', dataTypes.int64(), 'h(70) % 170'],
  ['pkey', dataTypes.int32(), 'h(71) % 30'],
  ['skey', dataTypes.int32(), 'h(72) % 12'],
  ['quantity', dataTypes.decimal(15, 2), '(1 + h(73) % 50)::DECIMAL(15,2)'],
  ['price', dataTypes.decimal(15, 2), '(100 + h(74))::DECIMAL(15,2)'],
  ['discount', dataTypes.decimal(15, 2), '(h(75) % 11) * 0.01::DECIMAL(15,2)'],
  ['flag', dataTypes.utf8(), "['A', 'N', 'R'][1 + h(76) % 3]"],
  ['shipped', dataTypes.date(), "DATE '1994-01-01' + (h(77) % 800)::INTEGER"],
  ['committed', dataTypes.date(), "DATE '1994-01-01' + (h(78) % 800)::INTEGER"],
  ['mode', dataTypes.utf8(), "['AIR', 'MAIL', 'SHIP', 'TRUCK'][1 + h(79) % 4]"],
]);

const parts = table('parts', 30, [
  ['pkey', dataTypes.int32(), 'r'],
  ['name', dataTypes.utf8(), "['forest green', 'ghost white', 'dim forest'][1 + h(80) % 3]"],
  ['brand', dataTypes.utf8(), "'Brand#' || (11 + h(81) % 4)"],
  ['size', dataTypes.int32(), '1 + h(82) % 15'],
]);

const suppliers = table('suppliers', 12, [
  ['skey', dataTypes.int32(), 'r'],
  ['nation', dataTypes.int32(), 'h(90) % 6'],
]);

const nations = table('nations', 6, [
  ['nation', dataTypes.int32(), 'r'],
  ['name', dataTypes.utf8(), "['FRANCE', 'GERMANY', 'BRAZIL', 'CHINA', 'EGYPT', 'PERU'][1 + r::INTEGER]"],
  ['region', dataTypes.int32(), 'r % 3'],
]);

/** Tables with columns of many types. */
export const ITEM_TABLES: readonly TestTable[] = [items, others, small, elsewhere];

/** All tables of the soundness tests. */
export const TEST_TABLES: readonly TestTable[] = [
  ...ITEM_TABLES,
  ...[customers, orders, lines, parts, suppliers, nations],
];

/** A view of the soundness tests. */
export interface TestView {
  readonly table: string;
  readonly sql: string;
}

/** Views over {@link ITEM_TABLES}, in an order in which they can be made. */
export const TEST_VIEWS: readonly TestView[] = [
  { table: 'busy', sql: 'SELECT id, a, b, c FROM items WHERE c > 4' },
  { table: 'busier', sql: "SELECT * FROM busy WHERE b LIKE 'a%'" },
  { table: 'joined', sql: 'SELECT i.id, i.b, o.c AS other FROM items i JOIN others o ON i.a = o.a WHERE o.c < 9' },
];
