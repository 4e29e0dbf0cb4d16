import { type DataType, dataTypes, type Expr, TypeId } from '@millrace/core';
import { type Check, defineChecks } from '../check.ts';
import { NULLS, ORDERS } from '../data/small-tables.ts';
import { TYPE_CASES, typeTable } from '../data/type-cases.ts';
import { callOf, columnOf, condition, literalOf } from '../expressions.ts';
import { auditAll, auditFilters } from '../read/audit-filters.ts';
import { markStatements, readsSince } from '../read/statements.ts';

/** Comparisons of numbers and times, long lists, arithmetic. */
export const VALUE_FILTER_CHECKS: readonly Check[] = defineChecks('filters', [
  {
    id: 'long-lists',
    number: 69,
    title:
      'IN with 1, 2, 1,000 and 40,000 values, with a NULL and negated, gives the right rows in a bounded number of statements',
    fix: 'Bind a long list as one value (an array, a JSON text), or claim `none`; never one parameter for each value without end.',
    timeoutMs: 300_000,
    async run(context) {
      const fixture = await context.fixture({
        ...NULLS,
        name: 'lists',
        rows: Array.from({ length: 400 }, (_, id) => [id, id * 300, id % 3 === 0 ? null : id * 300, null]),
      });
      const table = await context.open(fixture);
      for (const name of ['never', 'some'])
        for (const count of [1, 2, 1_000, 40_000]) {
          const { type } = fixture.field(name);
          const column = columnOf(fixture.field(name));
          const values = Array.from({ length: count }, (_, index) => literalOfNumber(type, index * 3));
          const list = condition('in', column, ...values, values[0]!);
          const withNull = condition('in', column, ...values, literalOf(type, null));
          const mark = await markStatements(context);
          for (const [label, filter] of [
            ['in', list],
            ['not in', condition('not', list)],
            ['in with NULL', withNull],
            ['not in with NULL', condition('not', withNull)],
          ] as const)
            await auditFilters(
              context,
              { fixture, table },
              { label: `${name} ${label} ${count} values`, filters: [filter] },
            );
          const statements = await readsSince(context, mark, fixture.location);
          if (statements !== undefined && statements.length > 4 * 8)
            context.fail({ expected: 'a few statements a scan', found: `${statements.length} for 4 scans` });
        }
    },
  },
  {
    id: 'numbers-of-different-widths',
    number: 74,
    title: 'integers compare with fractions and with numbers beyond their range by value',
    fix: 'Give bound values the literal’s type, or claim `none` where the source would convert the column or the value.',
    async run(context) {
      const [fixture, longs] = [await context.fixture(NULLS), await context.fixture(ORDERS)];
      const [some, id] = [columnOf(fixture.field('some')), columnOf(longs.field('id'))];
      const values = [
        literalOf(dataTypes.decimal(2, 1), '1.5'),
        literalOf(dataTypes.decimal(20, 0), String(2n ** 63n)),
        literalOf(dataTypes.int64(), 2n ** 40n),
        literalOf(dataTypes.int64(), 2n),
        literalOf(dataTypes.float64(), 1.5),
        literalOf(dataTypes.float64(), 2),
      ];
      const names = ['eq', 'ne', 'lt', 'ge'] as const;
      const audits = (column: Expr, list: readonly Expr[]) =>
        list.flatMap((value, index) =>
          names.map((name) => ({ label: `${name} value ${index}`, filters: [condition(name, column, value)] })),
        );
      await auditAll(context, fixture, audits(some, values));
      await auditAll(
        context,
        longs,
        audits(
          id,
          values.filter(({ type }) => type.typeId !== TypeId.Float),
        ),
      );
    },
  },
  {
    id: 'dates-and-timestamps',
    number: 75,
    title: 'a timestamp compares with a timestamp, a date with a date, and a cast between them to the day',
    fix: 'Push casts between dates and timestamps only where the source’s zone cannot change the day.',
    async run(context) {
      const fixture = await context.fixture(ORDERS);
      if (!fixture.has('changed') || !fixture.has('placed'))
        return context.skip('the source has no dates and timestamps');
      const [changed, placed] = [fixture.field('changed'), fixture.field('placed')];
      if (changed.type.unit !== dataTypes.timestamp().unit) return context.skip('timestamps are not in microseconds');
      const moment = fixture.literals[50]!('changed');
      const at: Expr = { kind: 'literal', value: moment as bigint, type: changed.type };
      const day = literalOf(dataTypes.date(), '2020-10-05');
      const asDay = callOf('cast', dataTypes.date(), columnOf(changed));
      const asTimestamp = callOf('cast', dataTypes.timestamp(), columnOf(placed));
      const names = ['eq', 'lt', 'ge', 'ne'] as const;
      await auditAll(
        context,
        fixture,
        names.flatMap((name) => [
          { label: `changed ${name} moment`, filters: [condition(name, columnOf(changed), at)] },
          {
            label: `placed ${name} day`,
            filters: [condition(name, columnOf(placed), literalOf(placed.type, '2022-09-01'))],
          },
          { label: `changed as date ${name} day`, filters: [condition(name, asDay, day)] },
          {
            label: `placed as timestamp ${name} moment`,
            filters: [condition(name, asTimestamp, literalOf(dataTypes.timestamp(), '2022-09-01T00:00:00'))],
          },
        ]),
      );
    },
  },
  {
    id: 'nan-and-infinity',
    number: 76,
    title: 'NaN equals itself and is above every number, and infinities are at the ends, in filters too',
    fix: 'Push comparisons of floats only where the source orders NaN so; never send it a NaN that it cannot hold.',
    async run(context) {
      for (const name of ['float64', 'float32']) {
        const typeCase = TYPE_CASES.find((each) => each.name === name)!;
        const fixture = await context.fixture(typeTable(typeCase));
        if (!fixture.has('value')) continue;
        const field = fixture.field('value');
        const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1.5];
        const names = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'not_distinct'] as const;
        await auditAll(
          context,
          fixture,
          values.flatMap((value) => [
            ...names.map((test) => ({
              label: `${name} ${test} ${value}`,
              filters: [condition(test, columnOf(field), literalOf(field.type, value))],
            })),
            {
              label: `${name} in (${value}, 1.5)`,
              filters: [condition('in', columnOf(field), literalOf(field.type, value), literalOf(field.type, 1.5))],
            },
          ]),
        );
      }
    },
  },
  {
    id: 'arithmetic',
    number: 77,
    title:
      'arithmetic gives the vocabulary’s results: remainders with the dividend’s sign, NULL by zero, an error on overflow',
    fix: 'Push only operators on the equal-result allow-list of the source.',
    async run(context) {
      const fixture = await context.fixture({
        ...NULLS,
        name: 'arithmetic',
        rows: [
          [1, -7, 3, null],
          [2, 7, -3, null],
          [3, 7, 0, null],
          [4, 0, 5, null],
          [5, 2_000_000_000, 1, null],
          [6, 9, null, null],
        ],
      });
      const [never, some] = [fixture.field('never'), fixture.field('some')];
      const number = (value: number) => literalOf(never.type, value);
      const same = (name: 'add' | 'sub' | 'mul' | 'mod', left: Expr, right: Expr) =>
        callOf(name, never.type, left, right);
      const asFloat = (expr: Expr) => callOf('cast', dataTypes.float64(), expr);
      const quotient = callOf('div', dataTypes.float64(), asFloat(columnOf(never)), asFloat(number(2)));
      await auditAll(context, fixture, [
        {
          label: 'never % some = -1',
          filters: [condition('eq', same('mod', columnOf(never), columnOf(some)), number(-1))],
        },
        {
          label: 'never % some = 1',
          filters: [condition('eq', same('mod', columnOf(never), columnOf(some)), number(1))],
        },
        {
          label: 'never % some is null',
          filters: [condition('is_null', same('mod', columnOf(never), columnOf(some)))],
        },
        { label: 'never % 0 is null', filters: [condition('is_null', same('mod', columnOf(never), number(0)))] },
        { label: 'some + 1 > 3', filters: [condition('gt', same('add', columnOf(some), number(1)), number(3))] },
        { label: 'some - 1 < 0', filters: [condition('lt', same('sub', columnOf(some), number(1)), number(0))] },
        { label: 'some * -2 = 6', filters: [condition('eq', same('mul', columnOf(some), number(-2)), number(6))] },
        { label: 'never / 2 = 3.5', filters: [condition('eq', quotient, literalOf(dataTypes.float64(), 3.5))] },
      ]);
    },
  },
]);

/** Fast enough for 40,000 values. */
function literalOfNumber(type: DataType, value: number): Expr {
  if (type.typeId === TypeId.Int) return { kind: 'literal', value: type.bitWidth === 64 ? BigInt(value) : value, type };
  return literalOf(type, value);
}
