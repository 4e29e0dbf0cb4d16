import { type DataType, dataTypes, type Schema } from '@millrace/core';
import { AMOUNT } from './number-columns.ts';

/** The tables of TPC-H, those that others refer to first. */
export type TpchTableName = 'region' | 'nation' | 'supplier' | 'part' | 'partsupp' | 'customer' | 'orders' | 'lineitem';

const KEY = dataTypes.int64();
const INTEGER = dataTypes.int32();
const TEXT = dataTypes.utf8();
const DATE = dataTypes.date();

/** Columns by table, in the specification's order; no column holds nulls. */
export const TPCH_SCHEMAS: Readonly<Record<TpchTableName, Schema>> = {
  region: schema({ r_regionkey: INTEGER, r_name: TEXT, r_comment: TEXT }),
  nation: schema({ n_nationkey: INTEGER, n_name: TEXT, n_regionkey: INTEGER, n_comment: TEXT }),
  supplier: schema({
    s_suppkey: KEY,
    s_name: TEXT,
    s_address: TEXT,
    s_nationkey: INTEGER,
    s_phone: TEXT,
    s_acctbal: AMOUNT,
    s_comment: TEXT,
  }),
  part: schema({
    p_partkey: KEY,
    p_name: TEXT,
    p_mfgr: TEXT,
    p_brand: TEXT,
    p_type: TEXT,
    p_size: INTEGER,
    p_container: TEXT,
    p_retailprice: AMOUNT,
    p_comment: TEXT,
  }),
  partsupp: schema({
    ps_partkey: KEY,
    ps_suppkey: KEY,
    ps_availqty: INTEGER,
    ps_supplycost: AMOUNT,
    ps_comment: TEXT,
  }),
  customer: schema({
    c_custkey: KEY,
    c_name: TEXT,
    c_address: TEXT,
    c_nationkey: INTEGER,
    c_phone: TEXT,
    c_acctbal: AMOUNT,
    c_mktsegment: TEXT,
    c_comment: TEXT,
  }),
  orders: schema({
    o_orderkey: KEY,
    o_custkey: KEY,
    o_orderstatus: TEXT,
    o_totalprice: AMOUNT,
    o_orderdate: DATE,
    o_orderpriority: TEXT,
    o_clerk: TEXT,
    o_shippriority: INTEGER,
    o_comment: TEXT,
  }),
  lineitem: schema({
    l_orderkey: KEY,
    l_partkey: KEY,
    l_suppkey: KEY,
    l_linenumber: INTEGER,
    l_quantity: AMOUNT,
    l_extendedprice: AMOUNT,
    l_discount: AMOUNT,
    l_tax: AMOUNT,
    l_returnflag: TEXT,
    l_linestatus: TEXT,
    l_shipdate: DATE,
    l_commitdate: DATE,
    l_receiptdate: DATE,
    l_shipinstruct: TEXT,
    l_shipmode: TEXT,
    l_comment: TEXT,
  }),
};

function schema(columns: Readonly<Record<string, DataType>>): Schema {
  return { fields: Object.entries(columns).map(([name, type]) => ({ name, type, nullable: false })) };
}
