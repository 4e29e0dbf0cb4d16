/** Values on which systems disagree, in the forms that batch builders take. */

export const TEXTS: readonly string[] = [
  'Ada',
  'ada',
  'ADA',
  'Ada ',
  'ada  ',
  'Åda',
  'Émile',
  'émile',
  'Emile',
  // The same letters as above, composed in another way.
  'E\u0301mile',
  'Zoë',
  'zoe',
  'ZOE',
  'straße',
  'STRASSE',
  '',
  ' ',
  '100%',
  'a_b',
  'a%b',
  "O'Brien",
  'back\\slash',
  '日本',
  '日本語',
  // Above the first plane: UTF-16 and UTF-8 order it differently against the next one.
  '😀',
  '\uffee',
  'line\nbreak',
  'a text that is longer than twelve bytes',
  'a text that is longer than thirteen',
];

export const FLOATS: readonly number[] = [
  Number.NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1.5,
  -1.5,
  0.1,
  0.30000000000000004,
  1e300,
  5e-324,
  9007199254740992,
  -42,
  3,
];

export const LONGS: readonly bigint[] = [
  0n,
  1n,
  -1n,
  7n,
  9_007_199_254_740_992n,
  9_007_199_254_740_993n,
  9_007_199_254_740_994n,
  -9_007_199_254_740_993n,
  1_152_921_504_606_846_977n,
  9_223_372_036_854_775_807n,
  -9_223_372_036_854_775_808n,
];

export const SHORTS: readonly number[] = [-32_768, -1, 0, 1, 2, 3, 5, 32_767];

export const AMOUNTS: readonly string[] = [
  '0.00',
  '0.01',
  '-0.01',
  '9.99',
  '10.00',
  '10.01',
  '-250.50',
  '3.40',
  '3.00',
  '9999999999.99',
  '-9999999999.99',
  '120.75',
  '77.10',
];

export const DAYS: readonly string[] = [
  '1969-12-31',
  '1970-01-01',
  '1999-12-31',
  '2000-02-29',
  '2023-12-31',
  '2024-01-01',
  '2024-01-31',
  '2024-02-29',
  '2024-03-31',
  '0001-01-01',
  '9999-12-31',
];

export const MOMENTS: readonly string[] = [
  '1969-12-31T23:59:59.999999',
  '1970-01-01T00:00:00',
  '2024-01-31T00:00:00',
  '2024-01-31T12:00:00.123456',
  '2024-01-31T12:00:00.123457',
  '2024-02-29T23:59:59.999999',
  '2024-03-01T00:00:00',
  '1999-12-31T23:59:59',
];

export const INSTANTS: readonly string[] = MOMENTS.map((moment) => `${moment}Z`);

export const TIMES: readonly string[] = ['00:00:00', '00:00:00.000001', '12:00:00', '12:30:15.5', '23:59:59.999999'];

export const BYTES: readonly Uint8Array[] = [
  new Uint8Array([]),
  new Uint8Array([0]),
  new Uint8Array([0, 255]),
  new Uint8Array([65, 66]),
  new Uint8Array([65, 66, 0]),
  new Uint8Array([255, 254, 253, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
];
