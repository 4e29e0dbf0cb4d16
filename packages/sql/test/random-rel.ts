import {
  type AggregateCall,
  type DataType,
  dataTypes,
  type Expr,
  type Field,
  field,
  type JoinKind,
  type LiteralValue,
  type Rel,
  type ScalarFunction,
  TypeId,
} from '@millrace/core';
import fc from 'fast-check';

const INT = dataTypes.int32();
const TEXT = dataTypes.utf8();
const BOOL = dataTypes.bool();

/** One table of the random trees, with its rows. */
export interface RelTable {
  readonly fields: readonly Field[];
  /** Columns that SQLite and DuckDB compare without regard to case. */
  readonly wide: readonly string[];
  readonly rows: readonly (readonly LiteralValue[])[];
}

const CITIES = ['Brno', 'brno', 'Cork', null, 'cork ', 'Ærø'];

export const REL_TABLES: Readonly<Record<string, RelTable>> = {
  person: {
    fields: [
      field('id', INT),
      field('name', TEXT),
      field('city', TEXT),
      field('a column with a name that is longer than sixty characters for aliases', INT),
    ],
    wide: ['city'],
    rows: Array.from({ length: 13 }, (_, row) => [
      row,
      ['Ada', 'ada', null, 'Bo'][row % 4]!,
      CITIES[row % 6]!,
      row % 3 === 0 ? null : row % 5,
    ]),
  },
  visit: {
    fields: [field('id', INT), field('person', INT), field('city', TEXT), field('name', TEXT), field('cost', INT)],
    wide: [],
    rows: Array.from({ length: 17 }, (_, row) => [
      row % 11,
      row % 4 === 0 ? null : row % 7,
      CITIES[(row * 5) % 6]!,
      'name',
      [3, 1, null, 3, -2][row % 5]!,
    ]),
  },
};

/** A tree with the columns that it has, so that expressions over it can be made. */
interface Shaped {
  readonly rel: Rel;
  readonly columns: readonly ShapedColumn[];
  /** Set where some column has no name of its own, so that no order over the others decides which row comes first. */
  readonly isAmbiguous?: boolean;
}

interface ShapedColumn {
  readonly path: readonly [string, ...string[]];
  readonly type: DataType;
}

function call(name: ScalarFunction, args: readonly Expr[], type: DataType = BOOL): Expr {
  return { kind: 'call', function: name, args, type };
}

const columnOf = ({ path, type }: ShapedColumn): Expr => ({ kind: 'column', path, type });

function literalOf(type: DataType): fc.Arbitrary<Expr> {
  const values: fc.Arbitrary<LiteralValue> =
    type.typeId === TypeId.Utf8 ? fc.constantFrom('Ada', 'ada', 'Brno', 'cork') : fc.constantFrom(0, 1, 3, 5, null);
  return values.map((value) => ({
    kind: 'literal',
    value: type.bitWidth === 64 && value !== null ? BigInt(value as number) : value,
    type,
  }));
}

const isSame = (left: ShapedColumn, right: ShapedColumn): boolean =>
  left.type.typeId === right.type.typeId && left.type.bitWidth === right.type.bitWidth;

function condition(columns: readonly ShapedColumn[], depth = 2): fc.Arbitrary<Expr> {
  const leaf = fc.constantFrom(...columns).chain((column) => {
    const partners = columns.filter((other) => other !== column && isSame(other, column));
    const right =
      partners.length === 0
        ? literalOf(column.type)
        : fc.oneof(literalOf(column.type), fc.constantFrom(...partners).map(columnOf));
    const name = fc.constantFrom<ScalarFunction>('eq', 'ne', 'lt', 'ge', 'not_distinct', 'eq', 'is_null');
    return fc
      .tuple(name, right)
      .map(([operator, other]) =>
        call(operator, operator === 'is_null' ? [columnOf(column)] : [columnOf(column), other]),
      );
  });
  if (depth === 0) return leaf;
  const inner = condition(columns, depth - 1);
  const name = fc.constantFrom<ScalarFunction>('and', 'or');
  return fc.oneof(
    leaf,
    fc.tuple(name, inner, inner).map(([operator, ...args]) => call(operator, args)),
    inner.map((arg) => call('not', [arg])),
  );
}

const scan: fc.Arbitrary<Shaped> = fc.constantFrom(...Object.entries(REL_TABLES)).map(([name, { fields }]) => ({
  rel: { kind: 'scan', table: { namespace: ['main'], name }, schema: { fields } },
  columns: fields.map((column) => ({ path: [column.name], type: column.type })),
}));

const values: fc.Arbitrary<Shaped> = fc
  .array(fc.tuple(literalOf(INT), literalOf(TEXT)), { minLength: 1, maxLength: 3 })
  .map((rows) => ({
    rel: { kind: 'values', schema: { fields: [field('v', INT), field('w', TEXT)] }, rows },
    columns: [
      { path: ['v'], type: INT },
      { path: ['w'], type: TEXT },
    ],
  }));

function grow(input: Shaped, other: fc.Arbitrary<Shaped>): fc.Arbitrary<Shaped> {
  const { rel, columns, isAmbiguous = false } = input;
  const keys = fc.shuffledSubarray([...columns], { minLength: columns.length }).chain((order) =>
    fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: order.length, maxLength: order.length }).map((flags) =>
      order.map((column, index) => ({
        expr: columnOf(column),
        descending: flags[index]![0],
        nullsFirst: flags[index]![1],
      })),
    ),
  );
  const sorted = keys.map((all): Shaped => ({ rel: { kind: 'sort', input: rel, keys: all }, columns, isAmbiguous }));
  return fc.oneof(
    {
      weight: 3,
      arbitrary: condition(columns).map(
        (filter): Shaped => ({ rel: { kind: 'filter', input: rel, condition: filter }, columns, isAmbiguous }),
      ),
    },
    { weight: 2, arbitrary: project(input) },
    { weight: 2, arbitrary: aggregate(input) },
    { weight: 1, arbitrary: sorted },
    {
      weight: isAmbiguous ? 0 : 2,
      arbitrary: fc.tuple(sorted, fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 4 }), fc.boolean()).map(
        ([inner, limit, offset, isUnbound]): Shaped => ({
          rel: {
            kind: 'limit',
            input: inner.rel,
            ...(isUnbound ? {} : { limit: BigInt(limit) }),
            ...(offset > 0 && { offset: BigInt(offset) }),
          },
          columns,
        }),
      ),
    },
    { weight: 4, arbitrary: other.chain((right) => join(input, right)) },
    {
      weight: 2,
      arbitrary: fc.tuple(condition(columns, 1), fc.boolean()).map(
        ([filter, distinct]): Shaped => ({
          rel: { kind: 'union', inputs: [rel, { kind: 'filter', input: rel, condition: filter }], distinct },
          ...withOwnNames(
            columns.map(({ path, type }) => ({ path: [path.at(-1)!], type })),
            isAmbiguous,
          ),
        }),
      ),
    },
  );
}

/** The columns whose path no other has. */
function withOwnNames(columns: readonly ShapedColumn[], isAmbiguous: boolean): Omit<Shaped, 'rel'> {
  const own = columns.filter(
    ({ path }) => columns.filter((other) => other.path.join('.') === path.join('.')).length === 1,
  );
  return { columns: own, isAmbiguous: isAmbiguous || own.length < columns.length };
}

function project({ rel, columns }: Shaped): fc.Arbitrary<Shaped> {
  return fc.shuffledSubarray([...columns], { minLength: 1 }).chain((chosen) =>
    fc.boolean().map((isComputed): Shaped => {
      const whole = chosen.find(({ type }) => type.bitWidth === 32);
      const exprs = chosen.map(columnOf);
      if (isComputed && whole !== undefined) {
        exprs.push(call('add', [columnOf(whole), { kind: 'literal', value: 1, type: INT }], INT));
        exprs.push(call('lt', [columnOf(whole), { kind: 'literal', value: 3, type: INT }]));
      }
      const named = exprs.map((expr, index) => ({ name: `p${index}`, expr }));
      return {
        rel: { kind: 'project', input: rel, columns: named },
        columns: named
          .filter(({ expr }) => expr.type.typeId !== TypeId.Bool)
          .map(({ name, expr }) => ({ path: [name], type: expr.type })),
      };
    }),
  );
}

function aggregate({ rel, columns }: Shaped): fc.Arbitrary<Shaped> {
  const names = columns.map(({ path }) => path.at(-1)!);
  const usable = columns.filter(({ path }) => names.filter((name) => name === path.at(-1)).length === 1);
  if (usable.length === 0) return fc.constant({ rel, columns });
  const keys = fc.shuffledSubarray([...usable], { maxLength: Math.min(2, usable.length) });
  const calls = fc.array(
    fc
      .record({
        column: fc.constantFrom(...usable),
        name: fc.constantFrom('count', 'min', 'max', 'sum', 'rows'),
        distinct: fc.boolean(),
        isFiltered: fc.boolean(),
      })
      .map(({ column, name, distinct, isFiltered }): AggregateCall => {
        const filter = isFiltered ? { filter: call('is_null', [columnOf(usable[0]!)]) } : {};
        const isCount = name === 'rows' || (name === 'sum' && column.type.bitWidth !== 32);
        if (isCount) return { function: 'count', args: [], distinct: false, type: dataTypes.int64(), ...filter };
        const type = name === 'count' || name === 'sum' ? dataTypes.int64() : column.type;
        return { function: name as 'count', args: [columnOf(column)], distinct, type, ...filter };
      }),
    { minLength: 1, maxLength: 3 },
  );
  return fc.tuple(keys, calls).map(([groups, all]) => ({
    rel: { kind: 'aggregate', input: rel, groupBy: groups.map(columnOf), calls: all },
    columns: [
      ...groups.map(({ path, type }): ShapedColumn => ({ path: [path.at(-1)!], type })),
      ...all.map(({ function: name, type }, index): ShapedColumn => ({ path: [`${name}_${index}`], type })),
    ],
  }));
}

function join(left: Shaped, right: Shaped): fc.Arbitrary<Shaped> {
  const behind = (side: string, { columns }: Shaped): readonly ShapedColumn[] =>
    columns.map(({ path, type }) => ({ path: [side, path.at(-1)!], type }));
  const isAmbiguous = left.isAmbiguous === true || right.isAmbiguous === true;
  const both = withOwnNames([...behind('l', left), ...behind('r', right)], isAmbiguous);
  const leftOnly = withOwnNames(
    left.columns.map(({ path, type }) => ({ path: [path.at(-1)!], type })),
    left.isAmbiguous === true,
  );
  const kind = fc.constantFrom<JoinKind>('inner', 'left', 'right', 'full', 'semi', 'anti', 'cross');
  const pairs = both.columns.flatMap((a) =>
    both.columns
      .filter((b) => a.path[0] === 'l' && b.path[0] === 'r' && isSame(a, b))
      .map((b) => call('eq', [columnOf(a), columnOf(b)])),
  );
  const free = condition(both.columns, 1);
  const equal = pairs.length === 0 ? free : fc.constantFrom(...pairs);
  const on = fc.oneof(
    free,
    equal,
    fc.tuple(equal, free).map((args) => call('and', args)),
  );
  return fc.tuple(kind, on).map(
    ([name, matching]): Shaped => ({
      rel: {
        kind: 'join',
        join: name,
        left: { alias: 'l', input: left.rel },
        right: { alias: 'r', input: right.rel },
        ...(name === 'cross' ? {} : { condition: matching }),
      },
      ...(name === 'semi' || name === 'anti' ? leftOnly : both),
    }),
  );
}

const source = fc.oneof({ weight: 6, arbitrary: scan }, { weight: 1, arbitrary: values });

/** Random trees of up to four nodes above a scan; a limit always stands on a sort by every column, so that each has one answer. */
export const randomRel: fc.Arbitrary<Rel> = fc.tuple(source, fc.integer({ min: 0, max: 4 })).chain(([first, depth]) => {
  let tree: fc.Arbitrary<Shaped> = fc.constant(first);
  for (let level = 0; level < depth; level++)
    tree = tree.chain((shaped) => (shaped.columns.length === 0 ? fc.constant(shaped) : grow(shaped, source)));
  return tree.map(({ rel }) => rel);
});
