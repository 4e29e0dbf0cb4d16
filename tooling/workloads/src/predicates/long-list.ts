import type { LiteralLike } from '@millrace/arrow';
import type { DataType } from '@millrace/core';
import type { LeafRequest } from '../queries/leaf-request.ts';
import { compareValues, kindOf } from '../queries/value-kind.ts';

/** Kinds of which there are enough different values. */
const KINDS: ReadonlySet<string> = new Set(['integer', 'decimal', 'text', 'date', 'timestamp']);

/** Tells whether a list of many values can be made for a column. */
export function canBeListed({ column }: Pick<LeafRequest, 'column'>): boolean {
  return KINDS.has(column.kind) && column.value !== null;
}

/** `IN` or `NOT IN` over many values, about half of which the column has. */
export function longList(request: LeafRequest, length: number): string {
  const { context, column, want } = request;
  const { random } = context;
  const items: LiteralLike[] = column.samples.filter(() => random.chance(0.5));
  while (items.length < length) items.push(randomValue(column.type, random.next(), items.length));
  if (random.chance(0.3)) items.push(items[0] ?? null);
  const isInside = items.some((item) => compareValues(item, column.value) === 0);
  if (isInside && random.chance(0.2)) items.push(null);
  const operator = isInside === (want === 'true') ? 'IN' : 'NOT IN';
  return `${column.ref} ${operator} (${items.map((item) => context.values.writeLiteral(item, column.type)).join(', ')})`;
}

function randomValue(type: DataType, draw: number, place: number): LiteralLike {
  switch (kindOf(type)) {
    case 'integer': {
      const bits = Math.min(type.bitWidth ?? 64, 31) - 1;
      const value = draw % 2 ** bits;
      return type.bitWidth === 64 ? BigInt(value) * BigInt(1 + (place % 1000)) : value;
    }
    case 'decimal':
      return BigInt(draw) % 10n ** BigInt(type.precision ?? 38);
    case 'date':
      return draw % 40_000;
    case 'timestamp':
      return BigInt(draw) * BigInt(1 + (place % 97)) * 1000n;
    default:
      return `${draw.toString(36)}${place % 7 === 0 ? ' ' : ''}${place % 11 === 0 ? "é'%" : ''}`;
  }
}
