/** A table made by one SELECT, the same rows in the same order for the same seed and size. */
export interface GeneratedTable {
  readonly name: string;
  /** A SELECT without FROM files; `lineCount` is the number of lines that the whole set has. */
  select(lineCount: number): string;
}

const WORDS =
  'furious silent pending regular express ironic final bold even blithe quick slow deposits requests accounts packages ' +
  'foxes theodolites pinto beans instructions dependencies excuses platelets asymptotes courts dolphins multipliers ' +
  'sleep wake nag haggle cajole boost detect integrate among above across against';

/** Lines of one order, 1 to 7 as in TPC-H, so 4 on average; a few orders too many, and the surplus lines are cut off. */
function orderCount(lineCount: number): number {
  return Math.ceil(lineCount / 4) + 1_000;
}

/** A number below `bound` that depends on the named keys alone. */
function pick(keys: string, purpose: string, bound: number): string {
  return `(hash(${keys}, '${purpose}') % ${bound})::INTEGER`;
}

function oneOf(keys: string, purpose: string, values: readonly string[]): string {
  const list = values.map((value) => `'${value}'`).join(', ');
  return `[${list}][1 + ${pick(keys, purpose, values.length)}]`;
}

const SPARSE_KEY = '(o // 8) * 32 + o % 8 + 1';
const ORDER_DATE = `(DATE '1992-01-01' + ${pick('o', 'order date', 2_406)})`;
const COMMENT = [3, 4, 5, 6, 7]
  .map((part) => `words[1 + ${pick('o, n', `word ${part}`, WORDS.split(' ').length)}]`)
  .join(` || ' ' || `);

/** 16 columns in the shape and value domains of TPC-H's `lineitem`. */
export const LINEITEM: GeneratedTable = {
  name: 'lineitem',
  select: (lineCount) => `
    WITH numbered AS (
      SELECT o, unnest(range(1, 2 + ${pick('o', 'lines', 7)})) AS n FROM range(${orderCount(lineCount)}) orders(o)
      ORDER BY o, n LIMIT ${lineCount}
    ), drawn AS (
      SELECT o, n,
        1 + ${pick('o, n', 'part', 200_000)} AS part,
        1 + ${pick('o, n', 'quantity', 50)} AS quantity,
        ${ORDER_DATE} + 1 + ${pick('o, n', 'ship', 121)} AS shipped,
        ${ORDER_DATE} + 30 + ${pick('o, n', 'commit', 61)} AS committed,
        1 + ${pick('o, n', 'receipt', 30)} AS travel,
        string_split('${WORDS}', ' ') AS words
      FROM numbered
    )
    SELECT
      (${SPARSE_KEY})::BIGINT AS l_orderkey,
      part::BIGINT AS l_partkey,
      (1 + ${pick('o, n', 'supplier', 10_000)})::BIGINT AS l_suppkey,
      n::INTEGER AS l_linenumber,
      quantity::DECIMAL(15,2) AS l_quantity,
      (quantity * (90000 + (part // 10) % 20001 + 100 * (part % 1000)) / 100)::DECIMAL(15,2) AS l_extendedprice,
      (${pick('o, n', 'discount', 11)} / 100)::DECIMAL(15,2) AS l_discount,
      (${pick('o, n', 'tax', 9)} / 100)::DECIMAL(15,2) AS l_tax,
      CASE WHEN shipped + travel > DATE '1995-06-17' THEN 'N' ELSE ${oneOf('o, n', 'return', ['R', 'A'])} END AS l_returnflag,
      CASE WHEN shipped > DATE '1995-06-17' THEN 'O' ELSE 'F' END AS l_linestatus,
      shipped AS l_shipdate,
      committed AS l_commitdate,
      shipped + travel AS l_receiptdate,
      ${oneOf('o, n', 'instruct', ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'])} AS l_shipinstruct,
      ${oneOf('o, n', 'mode', ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'])} AS l_shipmode,
      left(${COMMENT}, 10 + ${pick('o, n', 'comment', 34)}) AS l_comment
    FROM drawn`,
};

/** The orders of those lines; customers whose key is a multiple of three have none. */
export const ORDERS: GeneratedTable = {
  name: 'orders',
  select: (lineCount) => `
    SELECT
      (${SPARSE_KEY})::BIGINT AS o_orderkey,
      (3 * ${pick('o', 'customer', Math.ceil(lineCount / 120))} + 1 + ${pick('o', 'which', 2)})::BIGINT AS o_custkey,
      ${oneOf('o', 'status', ['F', 'O', 'P'])} AS o_orderstatus,
      (1000 + ${pick('o', 'price', 40_000_000)} / 100)::DECIMAL(15,2) AS o_totalprice,
      ${ORDER_DATE} AS o_orderdate,
      ${oneOf('o', 'priority', ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW'])} AS o_orderpriority,
      'Clerk#' || lpad((1 + ${pick('o', 'clerk', 1_000)})::VARCHAR, 9, '0') AS o_clerk,
      0::INTEGER AS o_shippriority
    FROM range(${orderCount(lineCount)}) orders(o)`,
};

/** The customers of those orders. */
export const CUSTOMER: GeneratedTable = {
  name: 'customer',
  select: (lineCount) => `
    SELECT
      (c + 1)::BIGINT AS c_custkey,
      'Customer#' || lpad((c + 1)::VARCHAR, 9, '0') AS c_name,
      ${pick('c', 'nation', 25)} AS c_nationkey,
      (${pick('c', 'balance', 1_099_999)} / 100 - 999.99)::DECIMAL(15,2) AS c_acctbal,
      ${oneOf('c', 'segment', ['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'HOUSEHOLD', 'MACHINERY'])} AS c_mktsegment
    FROM range(${3 * Math.ceil(lineCount / 120)}) customers(c)`,
};
