import type { LiteralLike } from '@millrace/arrow';
import type { QueryContext } from './query-context.ts';
import type { QueryColumn } from './relation.ts';
import { compareValues } from './value-kind.ts';

/** A predicate to write over one column. */
export interface LeafRequest {
  readonly context: QueryContext;
  readonly column: QueryColumn;
  /** What it is to be for the witness. */
  readonly want: 'true' | 'false';
  readonly leaves?: LeafChoice | undefined;
}

/** `any`: arithmetic, casts and functions have their share. `pushable`: they are rare, since few sources can be asked for them. */
export type LeafChoice = 'any' | 'pushable';

/** The operators of comparison. */
export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

const HOLDING: Readonly<Record<'less' | 'equal' | 'greater', readonly Comparison[]>> = {
  less: ['<', '<=', '<>'],
  equal: ['=', '<=', '>='],
  greater: ['>', '>=', '<>'],
};
const NEGATED: Readonly<Record<Comparison, Comparison>> = {
  '=': '<>',
  '<>': '=',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
};
const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
};

/** A comparison that holds, or does not, between the first value and the second, none of them null. */
export function comparisonFor(
  { context, want }: LeafRequest,
  left: LiteralLike,
  right: LiteralLike,
): { readonly operator: Comparison; readonly mirrored: Comparison } {
  const order = compareValues(left, right);
  const holding = context.random.pick(HOLDING[order === 0 ? 'equal' : order < 0 ? 'less' : 'greater']);
  const operator = want === 'true' ? holding : NEGATED[holding];
  return { operator, mirrored: MIRRORED[operator] };
}

/** A sample of the column; the witness's own value more often than others. */
export function sampleOf({ context: { random }, column }: LeafRequest): LiteralLike {
  return random.chance(0.3) ? column.value : random.pick(column.samples);
}
