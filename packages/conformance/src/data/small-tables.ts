import type { BuildValue } from '@millrace/arrow';
import { dataTypes, type Field, field } from '@millrace/core';
import type { TableSpec } from '../fixture.ts';

const { int16, int32, int64, utf8, float64, decimal, date, timestamp, bool } = dataTypes;

/** A column that promises to hold no nulls. */
export function required(name: string, type: Field['type']): Field {
  return { name, type, nullable: false };
}

const REGION_NAMES = ['africa', 'america', 'asia', 'europe', 'middle east'];

/** Five rows with a key. */
export const REGION: TableSpec = {
  name: 'region',
  fields: [required('id', int32()), required('name', utf8())],
  rows: REGION_NAMES.map((name, id) => [id, name]),
  primaryKey: ['id'],
};

/** 25 rows with a key, a reference, and a comment that is sometimes missing. */
export const NATION: TableSpec = {
  name: 'nation',
  fields: [required('id', int32()), required('name', utf8()), field('region_id', int32()), field('comment', utf8())],
  rows: Array.from({ length: 25 }, (_, id) => [
    id,
    `nation ${String(id).padStart(2, '0')}`,
    id === 24 ? null : id % 5,
    id % 4 === 0 ? null : `comment of ${id}`,
  ]),
  primaryKey: ['id'],
};

/** 200 rows of many types with nulls in every one that may have them. */
export const ORDERS: TableSpec = {
  name: 'orders',
  fields: [
    required('id', int64()),
    field('nation_id', int32()),
    field('status', utf8()),
    field('total', decimal(15, 2)),
    field('ratio', float64()),
    field('placed', date()),
    field('changed', timestamp()),
    field('is_paid', bool()),
    field('quantity', int16()),
  ],
  rows: Array.from({ length: 200 }, (_, id): BuildValue[] => [
    BigInt(id),
    id % 11 === 0 ? null : id % 25,
    id % 13 === 0 ? null : ['open', 'shipped', 'closed', 'OPEN'][id % 4]!,
    id % 7 === 0 ? null : `${id * 37 - 2000}.${String(id % 100).padStart(2, '0')}`,
    id % 9 === 0 ? null : (id - 100) / 8,
    id % 10 === 0 ? null : 19_000 + id * 3,
    id % 12 === 0 ? null : BigInt(1_600_000_000 + id * 86_401) * 1_000_000n + BigInt(id),
    id % 5 === 0 ? null : id % 2 === 0,
    id % 8 === 0 ? null : id % 50,
  ]),
};

/** Rows that are there several times: they are rows, not a set. */
export const DUPLICATES: TableSpec = {
  name: 'duplicates',
  fields: [field('k', int32()), field('v', utf8())],
  rows: [
    [1, 'a'],
    [1, 'a'],
    [1, 'a'],
    [2, null],
    [2, null],
    [null, null],
    [null, null],
    [3, 'c'],
  ],
};

/** No rows. */
export const EMPTY: TableSpec = {
  name: 'empty_table',
  fields: [required('id', int32()), field('value', float64()), field('text', utf8())],
  rows: [],
};

/** One column that is never null, one that is sometimes, one that always is. */
export const NULLS: TableSpec = {
  name: 'nulls',
  fields: [required('id', int32()), required('never', int32()), field('some', int32()), field('always', int32())],
  rows: Array.from({ length: 12 }, (_, id) => [id, id % 4, id % 3 === 0 ? null : id % 4, null]),
};

/** The same for text, so that no filter is tried on numbers alone. */
export const TEXT_NULLS: TableSpec = {
  name: 'text_nulls',
  fields: [required('id', int32()), required('never', utf8()), field('some', utf8()), field('always', utf8())],
  rows: Array.from({ length: 12 }, (_, id) => [id, `t${id % 4}`, id % 3 === 0 ? null : `t${id % 4}`, null]),
};

/** Texts that are whole numbers in some rows only, with a column that tells which. */
export const GUARDED: TableSpec = {
  name: 'guarded',
  fields: [required('id', int32()), required('kind', utf8()), required('value', utf8())],
  rows: [
    [1, 'n', '7'],
    [2, 'n', '3'],
    [3, 't', 'seven'],
    [4, 't', ''],
    [5, 'n', '12'],
  ],
};

/** A column that is null for a long time before its first value. */
export const LATE_VALUES: TableSpec = {
  name: 'late_values',
  fields: [required('id', int32()), field('late', utf8()), field('never', int64()), field('late_number', float64())],
  rows: Array.from({ length: 10_050 }, (_, id) => [
    id,
    id < 10_000 ? null : `value ${id}`,
    null,
    id < 10_000 ? null : id / 4,
  ]),
};

/** Text that looks like something else. */
export const LOOKALIKES: TableSpec = {
  name: 'lookalikes',
  fields: [required('id', int32()), field('digits', utf8()), field('truth', utf8()), field('day', utf8())],
  rows: [
    [1, '007', 'true', '2024-01-01'],
    [2, '1e5', 'false', '2024-02-30x'],
    [3, '12345678901234567890', 'TRUE', '10:00'],
    [4, '1.0', '0', '2024-01-01T00:00:00Z'],
    [5, null, null, null],
  ],
};
