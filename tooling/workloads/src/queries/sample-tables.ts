import { batchFromRows } from '@millrace/arrow';
import { type DataType, dataTypes, type RecordBatch, type Schema, TimeUnit } from '@millrace/core';
import { createRandom, type Random } from '../random/random.ts';
import { AMOUNTS, BYTES, DAYS, FLOATS, INSTANTS, LONGS, MOMENTS, SHORTS, TEXTS, TIMES } from './awkward-values.ts';

/** A small table with its rows. */
export interface SampleTable {
  readonly name: string;
  readonly schema: Schema;
  readonly batches: readonly RecordBatch[];
}

/** Makes the value of one column in one row. */
type ColumnMaker = (random: Random, row: number) => unknown;

type ColumnDefinition = readonly [type: DataType, make: ColumnMaker];

interface TableDefinition {
  readonly name: string;
  readonly rowCount: number;
  /** Share of the rows that repeat an earlier one. */
  readonly repeatedShare?: number;
  readonly columns: Readonly<Record<string, ColumnDefinition>>;
}

const BATCH_COUNT = 3;
const ORDER_BASE = 9_007_199_254_740_993n;

const TABLES: readonly TableDefinition[] = [
  {
    name: 'people',
    rowCount: 90,
    columns: {
      id: [dataTypes.int32(), (_, row) => row + 1],
      name: [dataTypes.utf8(), orNull(0.1, oneOf(TEXTS))],
      city: [dataTypes.utf8(), orNull(0.15, oneOf(['Brno', 'brno', 'Brno ', 'Ærø', 'Łódź', 'łódź', 'Cork', 'cork']))],
      born: [dataTypes.date(), orNull(0.1, oneOf(DAYS))],
      balance: [dataTypes.decimal(12, 2), orNull(0.1, oneOf(AMOUNTS))],
      score: [dataTypes.float64(), orNull(0.2, oneOf(FLOATS))],
      member: [dataTypes.int64(), orNull(0.1, oneOf(LONGS))],
      joined: [dataTypes.timestamp(), orNull(0.1, oneOf(MOMENTS))],
      active: [dataTypes.bool(), orNull(0.2, (random) => random.chance(0.6))],
      boss: [dataTypes.int32(), orNull(0.2, (random) => random.integer(1, 30))],
    },
  },
  {
    name: 'orders',
    rowCount: 160,
    columns: {
      // Neighbours that a double cannot tell apart.
      id: [dataTypes.int64(), (_, row) => ORDER_BASE + BigInt(row)],
      person: [dataTypes.int32(), orNull(0.1, (random) => random.integer(1, 110))],
      state: [dataTypes.utf8(), orNull(0.1, oneOf(['open', 'Open', 'paid', 'paid ', 'sent', 'lost', '']))],
      total: [dataTypes.decimal(12, 2), orNull(0.1, oneOf(AMOUNTS))],
      due: [dataTypes.date(), orNull(0.15, oneOf(DAYS))],
      placed: [dataTypes.timestamp(), orNull(0.05, oneOf(MOMENTS))],
      weight: [dataTypes.float64(), orNull(0.3, oneOf(FLOATS))],
      priority: [dataTypes.int16(), orNull(0.1, oneOf(SHORTS))],
    },
  },
  {
    name: 'items',
    rowCount: 220,
    repeatedShare: 0.25,
    columns: {
      order_id: [dataTypes.int64(), orNull(0.05, (random) => ORDER_BASE + BigInt(random.integer(0, 180)))],
      product: [dataTypes.utf8(), orNull(0.1, oneOf(TEXTS))],
      quantity: [dataTypes.int32(), orNull(0.1, (random) => random.integer(-2, 9))],
      price: [dataTypes.decimal(8, 3), orNull(0.1, (random) => BigInt(random.integer(-500, 90_000)))],
      shipped: [dataTypes.date(), orNull(0.3, oneOf(DAYS))],
      gift: [dataTypes.bool(), orNull(0.3, (random) => random.chance(0.3))],
    },
  },
  {
    name: 'events',
    rowCount: 120,
    columns: {
      key: [dataTypes.uint32(), (_, row) => 4_294_967_295 - row * 3],
      person: [dataTypes.int32(), orNull(0.1, (random) => random.integer(1, 60))],
      kind: [dataTypes.utf8(), orNull(0.1, oneOf(TEXTS))],
      at: [dataTypes.timestamp(TimeUnit.Microsecond, 'UTC'), orNull(0.1, oneOf(INSTANTS))],
      clock: [dataTypes.time(), orNull(0.1, oneOf(TIMES))],
      amount: [
        dataTypes.decimal(25, 5),
        orNull(0.1, (random) => BigInt(random.integer(-900, 900)) * 98_765_432_109_876_543n),
      ],
      level: [dataTypes.int8(), orNull(0.1, (random) => random.integer(-128, -120) + random.integer(0, 1) * 247)],
      payload: [dataTypes.binary(), orNull(0.2, oneOf(BYTES))],
      token: [dataTypes.int64(), orNull(0.1, oneOf(LONGS))],
    },
  },
  {
    name: 'labels',
    rowCount: 24,
    repeatedShare: 0.4,
    columns: {
      code: [dataTypes.utf8(), orNull(0.2, oneOf(['7', '07', '12', 'x1', '-3', '', 'ada', 'open', 'paid']))],
      state: [dataTypes.utf8(), orNull(0.3, oneOf(['open', 'paid', 'sent', 'Paid', 'gone']))],
      rank: [dataTypes.int32(), orNull(0.3, oneOf([-2_147_483_648, -1, 0, 1, 5, 2_147_483_647]))],
      factor: [dataTypes.float64(), orNull(0.3, oneOf(FLOATS))],
    },
  },
];

/**
 * Five small tables that refer to each other, of nulls, repeated rows, dangling references, and values that systems disagree on:
 * case, accents and trailing spaces in text, NaN, −0 and infinities, integers beyond 2^53, instants, times and binary.
 *
 * Each comes in several batches. Equal seeds give equal rows.
 */
export function createSampleTables(seed = 1): readonly SampleTable[] {
  return TABLES.map((table) => createTable(table, createRandom(seed, table.name)));
}

function createTable({ name, rowCount, repeatedShare = 0, columns }: TableDefinition, random: Random): SampleTable {
  const fields = Object.entries(columns).map(([column, [type]]) => ({ name: column, type, nullable: true }));
  const makers = Object.values(columns).map(([, make]) => make);
  const rows: (readonly unknown[])[] = [];
  for (let row = 0; row < rowCount; row++) {
    const isRepeated = row > 0 && random.chance(repeatedShare);
    rows.push(isRepeated ? random.pick(rows) : makers.map((make) => make(random, row)));
  }
  const schema: Schema = { fields };
  const size = Math.ceil(rowCount / BATCH_COUNT);
  const batches = Array.from({ length: BATCH_COUNT }, (_, index) =>
    batchFromRows(schema, rows.slice(index * size, (index + 1) * size)),
  );
  return { name, schema, batches };
}

function oneOf(values: readonly unknown[]): ColumnMaker {
  return (random) => random.pick(values);
}

function orNull(share: number, make: ColumnMaker): ColumnMaker {
  return (random, row) => (random.chance(share) ? null : make(random, row));
}
