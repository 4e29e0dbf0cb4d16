import type { AggregateCall, Expr, LiteralValue, Rel, SortKey } from '@millrace/core';

/** A relation in memory: names for its columns (with the side of a join), and rows. */
export interface ModelRelation {
  readonly names: readonly { readonly name: string; readonly side?: string }[];
  readonly rows: readonly (readonly LiteralValue[])[];
}

/** Evaluates a relational tree straight from the definition of its nodes. Independent of the printer and of any database. */
export function evaluateRel(rel: Rel, tables: Readonly<Record<string, ModelRelation>>): ModelRelation {
  const evaluate = (inner: Rel): ModelRelation => evaluateRel(inner, tables);
  switch (rel.kind) {
    case 'scan':
      return tables[rel.table.name]!;
    case 'filter': {
      const input = evaluate(rel.input);
      return { ...input, rows: input.rows.filter((row) => evaluateExpr(rel.condition, input, row) === true) };
    }
    case 'project': {
      const input = evaluate(rel.input);
      return {
        names: rel.columns.map(({ name }) => ({ name })),
        rows: input.rows.map((row) => rel.columns.map(({ expr }) => evaluateExpr(expr, input, row))),
      };
    }
    case 'aggregate':
      return aggregate(rel, evaluate(rel.input));
    case 'join':
      return join(rel, evaluate);
    case 'sort': {
      const input = evaluate(rel.input);
      return { ...input, rows: input.rows.toSorted((left, right) => compareRows(rel.keys, input, left, right)) };
    }
    case 'limit': {
      const input = evaluate(rel.input);
      const start = Number(rel.offset ?? 0n);
      return {
        ...input,
        rows: input.rows.slice(start, rel.limit === undefined ? undefined : start + Number(rel.limit)),
      };
    }
    case 'union': {
      const inputs = rel.inputs.map(evaluate);
      const rows = inputs.flatMap((input) => input.rows);
      return {
        names: inputs[0]!.names,
        rows: rel.distinct ? [...groupBy(rows, (row) => row).values()].map(([row]) => row!) : rows,
      };
    }
    case 'values':
      return {
        names: rel.schema.fields.map(({ name }) => ({ name })),
        rows: rel.rows.map((row) => row.map((expr) => (expr.kind === 'literal' ? expr.value : null))),
      };
    default:
      return rel satisfies never;
  }
}

function join(rel: Extract<Rel, { kind: 'join' }>, evaluate: (rel: Rel) => ModelRelation): ModelRelation {
  const left = evaluate(rel.left.input);
  const right = evaluate(rel.right.input);
  const names = [
    ...left.names.map(({ name }) => ({ name, side: rel.left.alias })),
    ...right.names.map(({ name }) => ({ name, side: rel.right.alias })),
  ];
  const matches = (a: readonly LiteralValue[], b: readonly LiteralValue[]): boolean =>
    rel.condition === undefined || evaluateExpr(rel.condition, { names }, [...a, ...b]) === true;
  const partners = left.rows.map((row) => right.rows.filter((other) => matches(row, other)));
  if (rel.join === 'semi' || rel.join === 'anti') {
    const rows = left.rows.filter((_, index) => partners[index]!.length > 0 === (rel.join === 'semi'));
    return { names: left.names.map(({ name }) => ({ name })), rows };
  }
  const rows = left.rows.flatMap((row, index) => partners[index]!.map((other) => [...row, ...other]));
  if (rel.join === 'left' || rel.join === 'full') {
    const alone = left.rows.filter((_, index) => partners[index]!.length === 0);
    rows.push(...alone.map((row) => [...row, ...right.names.map(() => null)]));
  }
  if (rel.join === 'right' || rel.join === 'full') {
    const alone = right.rows.filter((row) => !left.rows.some((other) => matches(other, row)));
    rows.push(...alone.map((row) => [...left.names.map(() => null), ...row]));
  }
  return { names, rows };
}

function aggregate(rel: Extract<Rel, { kind: 'aggregate' }>, input: ModelRelation): ModelRelation {
  const keysOf = (row: readonly LiteralValue[]): readonly LiteralValue[] =>
    rel.groupBy.map((expr) => evaluateExpr(expr, input, row));
  const groups = groupBy(input.rows, keysOf);
  if (rel.groupBy.length === 0 && groups.size === 0) groups.set('', []);
  return {
    names: [
      ...rel.groupBy.map((expr, index) => ({ name: expr.kind === 'column' ? expr.path.at(-1)! : `group_${index}` })),
      ...rel.calls.map((call, index) => ({ name: `${call.function}_${index}` })),
    ],
    rows: [...groups.values()].map((rows) => [
      ...(rows[0] === undefined ? [] : keysOf(rows[0])),
      ...rel.calls.map((call) => evaluateCall(call, input, rows)),
    ]),
  };
}

function evaluateCall(call: AggregateCall, input: ModelRelation, rows: ModelRelation['rows']): LiteralValue {
  const { filter, args } = call;
  const kept = rows.filter((row) => filter === undefined || evaluateExpr(filter, input, row) === true);
  const [arg] = args;
  if (arg === undefined) return BigInt(kept.length);
  const all = kept.map((row) => evaluateExpr(arg, input, row)).filter((value) => value !== null);
  const values = call.distinct ? [...new Set(all)] : all;
  if (call.function === 'count') return BigInt(values.length);
  if (values.length === 0) return null;
  switch (call.function) {
    case 'sum':
      return values.reduce((sum: bigint, value) => sum + BigInt(value as number), 0n);
    case 'min':
      return values.reduce((least, value) => (compare(value, least) < 0 ? value : least));
    case 'max':
      return values.reduce((most, value) => (compare(value, most) > 0 ? value : most));
    default:
      throw new TypeError(`the model has no ${call.function}`);
  }
}

function groupBy(
  rows: ModelRelation['rows'],
  keysOf: (row: readonly LiteralValue[]) => readonly LiteralValue[],
): Map<string, (readonly LiteralValue[])[]> {
  const groups = new Map<string, (readonly LiteralValue[])[]>();
  for (const row of rows) {
    const key = JSON.stringify(keysOf(row), (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}

/** Compares two rows by keys; 0 where they tie. */
export function compareRows(
  keys: readonly SortKey[],
  input: Pick<ModelRelation, 'names'>,
  left: readonly LiteralValue[],
  right: readonly LiteralValue[],
): number {
  for (const { expr, descending, nullsFirst } of keys) {
    const a = evaluateExpr(expr, input, left);
    const b = evaluateExpr(expr, input, right);
    if (a === null && b === null) continue;
    if (a === null || b === null) return (a === null) === nullsFirst ? -1 : 1;
    const order = compare(a, b);
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}

function compare(left: NonNullable<LiteralValue>, right: NonNullable<LiteralValue>): number {
  if (typeof left === 'string') return Buffer.compare(Buffer.from(left), Buffer.from(right as string));
  return left < right ? -1 : left > right ? 1 : 0;
}

function evaluateExpr(expr: Expr, input: Pick<ModelRelation, 'names'>, row: readonly LiteralValue[]): LiteralValue {
  if (expr.kind === 'literal') return expr.value;
  if (expr.kind === 'column') {
    const [first, second] = expr.path;
    const index = input.names.findIndex(({ name, side }) =>
      second === undefined ? name === first : side === first && name === second,
    );
    return row[index]!;
  }
  const values = expr.args.map((arg) => evaluateExpr(arg, input, row));
  const [a, b] = values as [LiteralValue, LiteralValue];
  const ordered = (holds: (order: number) => boolean): LiteralValue =>
    a === null || b === null ? null : holds(compare(a, b));
  switch (expr.function) {
    case 'and':
      return values.includes(false) ? false : values.includes(null) ? null : true;
    case 'or':
      return values.includes(true) ? true : values.includes(null) ? null : false;
    case 'not':
      return a === null ? null : !a;
    case 'is_null':
      return a === null;
    case 'eq':
      return ordered((order) => order === 0);
    case 'ne':
      return ordered((order) => order !== 0);
    case 'lt':
      return ordered((order) => order < 0);
    case 'ge':
      return ordered((order) => order >= 0);
    case 'not_distinct':
      return a === null || b === null ? a === b : compare(a, b) === 0;
    case 'add':
      return a === null || b === null ? null : (a as number) + (b as number);
    default:
      throw new TypeError(`the model has no ${expr.function}`);
  }
}
