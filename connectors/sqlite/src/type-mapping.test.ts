import { expect, test } from 'vitest';
import { fromSqliteType, parseDeclaredType } from './type-mapping.ts';

test.each([
  ['decimal( 10 , 2 )', { name: 'DECIMAL', precision: 10, scale: 2 }],
  ['double  precision', { name: 'DOUBLE PRECISION' }],
  ['VARYING CHARACTER(255)', { name: 'VARYING CHARACTER', precision: 255 }],
  ['timestamp(3) with time zone', { name: 'TIMESTAMP WITH TIME ZONE', precision: 3 }],
  ['', { name: '' }],
])('%j is read', (text, parts) => {
  expect(parseDeclaredType(text)).toEqual(parts);
});

test.each([
  ['UNSIGNED BIG INT', 'int'],
  ['INT8', 'int'],
  ['CHARINT', 'int'],
  ['nchar(55)', 'text'],
  ['FLOATING POINT', 'int'],
  ['float', 'float'],
  ['DECIMAL(40, 2)', 'float'],
  ['NUMERIC(5, 9)', 'float'],
  ['TIMESTAMP(6)', 'timestamp'],
  ['blob(100)', 'binary'],
  ['ENUM(1)', 'any_text'],
])('%s is read as %s', (declared, kind) => {
  expect(fromSqliteType(declared).codec.kind).toBe(kind);
});
