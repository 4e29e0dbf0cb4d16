import { createLiteralReader, type LiteralLike } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';

/** Prepares texts of a batch's rows that are equal for rows which are equal in every column, nulls included. */
export function createRowText({ data: { children } }: RecordBatch): (row: number) => string {
  const reads = children.map((column) => createLiteralReader(column));
  return (row) => reads.map((read) => textOf(read(row))).join('');
}

/** Every part tells its kind and, where that varies, its length, so that no two values make one text. */
function textOf(value: LiteralLike): string {
  if (value === null) return 'n';
  switch (typeof value) {
    case 'boolean':
      return value ? 't' : 'f';
    case 'number':
      return `d${Object.is(value, -0) ? 0 : value};`;
    case 'bigint':
      return `i${value};`;
    case 'string':
      return `s${value.length}:${value}`;
    default:
  }
  if (value instanceof Uint8Array) return `b${value.length}:${Buffer.from(value).toString('latin1')}`;
  if (Array.isArray(value)) return `[${value.map(textOf).join('')}]`;
  const members = Object.entries(value).map(([name, member]) => `${textOf(name)}${textOf(member as LiteralLike)}`);
  return `{${members.join('')}}`;
}
