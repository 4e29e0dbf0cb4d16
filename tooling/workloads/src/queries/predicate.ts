import { typesEqual } from '@millrace/arrow';
import { leafPredicate } from './leaf-predicate.ts';
import type { LeafChoice } from './leaf-request.ts';
import type { QueryContext } from './query-context.ts';
import type { QueryColumn } from './relation.ts';
import { compareValues } from './value-kind.ts';

/** A predicate to write. */
export interface PredicateRequest {
  readonly context: QueryContext;
  /** The columns that it may use, with their values in the witness. */
  readonly columns: readonly QueryColumn[];
  /** What it is to be for the witness; default `true`, so that something is left to return. */
  readonly want?: 'true' | 'false' | undefined;
  /** How many levels of AND, OR, NOT and CASE at most; default 2. */
  readonly depth?: number | undefined;
  /** What stands at the leaves; default `any`. */
  readonly leaves?: LeafChoice | undefined;
}

/** A random predicate, whose value for the witness is known, so that most queries return rows. */
export function predicate(request: PredicateRequest): string {
  const { context, want = 'true', depth = 2 } = request;
  const { random } = context;
  const inner = (wanted: 'true' | 'false') => predicate({ ...request, want: wanted, depth: depth - 1 });
  const draw = random.integer(0, 99);
  if (depth === 0 || draw < 40) return leaf(request);
  if (draw < 68) return conjunction(request);
  if (draw < 84) return disjunction(request);
  if (draw < 94) {
    context.tag('not');
    return `NOT (${inner(want === 'true' ? 'false' : 'true')})`;
  }
  context.tag('case');
  const condition = random.pick(['true', 'false'] as const);
  const [first, second] = condition === 'true' ? [want, anything(context)] : [anything(context), want];
  return `CASE WHEN ${inner(condition)} THEN ${inner(first)} ELSE ${inner(second)} END`;
}

function conjunction(request: PredicateRequest): string {
  const { context, want = 'true', depth = 2 } = request;
  const wants = Array.from({ length: context.random.integer(2, 3) }, () =>
    want === 'true' ? 'true' : anything(context),
  );
  if (want === 'false') wants[context.random.integer(0, wants.length - 1)] = 'false';
  return join(' AND ', wants, (wanted) => predicate({ ...request, want: wanted, depth: depth - 1 }));
}

function disjunction(request: PredicateRequest): string {
  const { context, want = 'true', depth = 2 } = request;
  const wants = Array.from({ length: context.random.integer(2, 3) }, () =>
    want === 'false' ? 'false' : anything(context),
  );
  if (want === 'true') wants[context.random.integer(0, wants.length - 1)] = 'true';
  return join(' OR ', wants, (wanted) => predicate({ ...request, want: wanted, depth: depth - 1 }));
}

function leaf({ context, columns, want = 'true', leaves }: PredicateRequest): string {
  const { random } = context;
  const pair = random.chance(0.06) ? comparablePair(context, columns) : undefined;
  if (pair === undefined) return leafPredicate({ context, column: random.pick(columns), want, leaves });
  context.tag('column_comparison');
  const [left, right] = pair;
  const isLess = compareValues(left.value, right.value) < 0;
  return `${left.ref} ${isLess === (want === 'true') ? '<' : '>='} ${right.ref}`;
}

/** Two columns of one type whose values are known. */
function comparablePair(
  { random }: QueryContext,
  columns: readonly QueryColumn[],
): readonly [QueryColumn, QueryColumn] | undefined {
  const known = columns.filter(({ value }) => value !== null);
  if (known.length === 0) return undefined;
  const left = random.pick(known);
  const others = known.filter((column) => column !== left && typesEqual(column.type, left.type));
  return others.length === 0 ? undefined : [left, random.pick(others)];
}

function anything({ random }: QueryContext): 'true' | 'false' {
  return random.chance(0.5) ? 'true' : 'false';
}

function join<Item>(separator: string, items: readonly Item[], write: (item: Item) => string): string {
  return items.map((item) => `(${write(item)})`).join(separator);
}
