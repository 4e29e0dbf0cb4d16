import { customerTable } from './customer-table.ts';
import { nationTable, regionTable } from './geography-tables.ts';
import { lineitemTable } from './lineitem-table.ts';
import { ordersTable } from './orders-table.ts';
import { partTable } from './part-table.ts';
import { partsuppTable } from './partsupp-table.ts';
import { scaleOf } from './scale.ts';
import { supplierTable } from './supplier-table.ts';
import { createTextPool } from './text-pool.ts';
import type { TpchSource, TpchTable } from './tpch-table.ts';

/** Which data to generate; equal options give equal rows. */
export interface TpchOptions {
  /** 1 is six million order lines; 0.001 to 1,000. */
  readonly scaleFactor: number;
  /** A whole number from 0 to 2^32 - 1; default 1. */
  readonly seed?: number;
}

/**
 * The eight tables of TPC-H with dbgen's value domains and rules between columns and tables, but not dbgen's own numbers.
 *
 * Nothing is generated before the batches of a table are pulled, and nothing is kept.
 * Source: TPC-H specification 3.0.1, clause 4.2 (https://www.tpc.org/tpch/).
 *
 * @throws TypeError for a scale factor outside its bounds.
 */
export function generateTpch({ scaleFactor, seed = 1 }: TpchOptions): { readonly tables: readonly TpchTable[] } {
  const source: TpchSource = { seed, scale: scaleOf(scaleFactor), pool: createTextPool(seed) };
  return {
    tables: [
      regionTable(source),
      nationTable(source),
      supplierTable(source),
      partTable(source),
      partsuppTable(source),
      customerTable(source),
      ordersTable(source),
      lineitemTable(source),
    ],
  };
}
