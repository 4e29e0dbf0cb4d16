/** A row of the model's table: an identity that only sampling looks at, and three small columns full of ties. */
export interface ModelRow {
  readonly id: number;
  readonly values: readonly (number | null)[];
}

/** The aggregates of the model: one whose partial results merge, and two whose do not. */
export type ModelAggregate = 'count' | 'avg' | 'count_distinct';

/** A repeatable source of randomness: a whole number in [0, bound). */
export type Random = (bound: number) => number;

/** Mulberry32, a public-domain generator; one seed gives one sequence. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** A table of up to seven rows. */
export function randomTable(random: Random): ModelRow[] {
  return Array.from({ length: random(8) }, (_, id) => ({
    id,
    values: [random(4) === 0 ? null : random(2), random(3), random(3)],
  }));
}

/** The model's filters, by number. */
export const MODEL_FILTERS: readonly ((row: ModelRow) => boolean)[] = [
  (row) => row.values[1] !== 0,
  (row) => row.values[2] !== 0,
];

/** Every second row by identity, in the order of the input: it does not commute with filters, as a block sample does not. */
export function sampleRows(rows: readonly ModelRow[]): ModelRow[] {
  const byIdentity = [...rows].sort((left, right) => left.id - right.id);
  const chosen = new Set(byIdentity.filter((_, rank) => rank % 2 === 0));
  return rows.filter((row) => chosen.has(row));
}

/** Groups by the first column. Each result has the group and its figure; `id` is meaningless from here on. */
export function aggregateRows(rows: readonly ModelRow[], aggregate: ModelAggregate): ModelRow[] {
  return groups(rows).map(([group, members]) => ({ id: 0, values: [group, figure(members, aggregate)] }));
}

/** What an engine does with partial results: it adds counts up, and can only do something wrong with the others. */
export function mergePartials(rows: readonly ModelRow[], aggregate: ModelAggregate): ModelRow[] {
  return groups(rows).map(([group, partials]) => {
    const total = partials.reduce((sum, partial) => sum + partial.values[1]!, 0);
    return { id: 0, values: [group, aggregate === 'avg' ? total / partials.length : total] };
  });
}

/** The key that the model sorts by: the second column, before and after the aggregate. */
export function sortKey(row: ModelRow): number {
  return row.values[1]!;
}

/** A copy in random order. */
export function shuffle<Item>(items: readonly Item[], random: Random): Item[] {
  const copy = [...items];
  for (let index = copy.length - 1; index > 0; index--) {
    const other = random(index + 1);
    [copy[index], copy[other]] = [copy[other]!, copy[index]!];
  }
  return copy;
}

function figure(members: readonly ModelRow[], aggregate: ModelAggregate): number {
  const column = members.map((member) => member.values[2]!);
  if (aggregate === 'count') return column.length;
  if (aggregate === 'count_distinct') return new Set(column).size;
  return column.reduce((sum, value) => sum + value, 0) / column.length;
}

function groups(rows: readonly ModelRow[]): [number | null, ModelRow[]][] {
  const byGroup = new Map<number | null, ModelRow[]>();
  for (const row of rows) byGroup.set(row.values[0]!, [...(byGroup.get(row.values[0]!) ?? []), row]);
  return [...byGroup];
}
