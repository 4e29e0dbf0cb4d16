import { dataTypes, type Expr, isMillraceError } from '@millrace/core';
import { type Check, defineChecks } from '../check.ts';
import { vocabularyCases } from '../data/filter-cases.ts';
import { BIG } from '../data/large-tables.ts';
import { GUARDED, NATION, NULLS, ORDERS, TEXT_NULLS } from '../data/small-tables.ts';
import { callOf, columnOf, condition, literalOf } from '../expressions.ts';
import { auditAll, auditFilters } from '../read/audit-filters.ts';
import { planTable, scanTable } from '../read/scan-table.ts';
import { markStatements, readsSince } from '../read/statements.ts';

const RANDOM: Expr = callOf('random', dataTypes.float64());
/** True for every row, but no source may be asked. */
const VOLATILE: Expr = condition('lt', RANDOM, literalOf(dataTypes.float64(), 2));

/** Predicates, and the claims that plans make about them. */
export const FILTER_CHECKS: readonly Check[] = defineChecks('filters', [
  {
    id: 'declared-filters-are-pushed',
    number: 80,
    title: 'a simple comparison of an integer is pushed as the capabilities declare, and never where they do not',
    fix: 'Make `pushdown.filters` of the manifest say what a comparison of an integer gets: exact, inexact, or nothing.',
    async run(context) {
      const fixture = await context.fixture(NATION);
      const id = fixture.field('id');
      const filters = [condition('eq', columnOf(id), literalOf(id.type, 7))];
      const plan = await auditFilters(
        context,
        { fixture, table: await context.open(fixture) },
        { label: 'id = 7', filters },
      );
      const declared = context.capabilities.pushdown?.filters ?? 'none';
      if (plan.applied.filters[0] !== declared)
        context.fail({ expected: `the degree ${declared}, as declared`, found: plan.applied.filters[0]! });
    },
  },
  {
    id: 'three-valued-logic',
    number: 64,
    title: 'every predicate on columns that are never, sometimes and always null keeps three-valued logic',
    fix: 'Push NOT, <> and NOT IN only where the source’s NULL logic is kept; claim `none` otherwise.',
    timeoutMs: 300_000,
    async run(context) {
      const numbers = await context.fixture(NULLS);
      const texts = await context.fixture(TEXT_NULLS);
      for (const name of ['never', 'some', 'always']) {
        await auditAll(context, numbers, vocabularyCases(numbers.field(name), [1, 2, 99]));
        await auditAll(context, texts, vocabularyCases(texts.field(name), ['t1', 't2', 'zz']));
      }
    },
  },
  {
    id: 'distinct-from',
    number: 65,
    title: 'IS NOT DISTINCT FROM matches nulls, and = does not',
    fix: 'Write `not_distinct` with the source’s null-safe comparison, or claim `none`.',
    async run(context) {
      const fixture = await context.fixture(NULLS);
      const [some, always, never] = ['some', 'always', 'never'].map((name) => columnOf(fixture.field(name)));
      await auditAll(context, fixture, [
        { label: 'some = always', filters: [condition('eq', some!, always!)] },
        { label: 'some not distinct from always', filters: [condition('not_distinct', some!, always!)] },
        { label: 'some distinct from never', filters: [condition('distinct', some!, never!)] },
        { label: 'some <> never', filters: [condition('ne', some!, never!)] },
      ]);
    },
  },
  {
    id: 'untranslatable-branches',
    number: 66,
    title: 'a branch that cannot be pushed weakens AND and never disappears from OR and NOT',
    fix: 'Drop an untranslatable child only under AND, and claim `inexact` then; make OR, NOT and CASE untranslatable.',
    async run(context) {
      const fixture = await context.fixture(NATION);
      const [id, name] = [fixture.field('id'), fixture.field('name')];
      const known = condition('lt', columnOf(id), literalOf(id.type, 5));
      const odd = condition(
        'eq',
        callOf(
          'substr',
          dataTypes.utf8(),
          callOf('lower', dataTypes.utf8(), columnOf(name)),
          literalOf(dataTypes.int64(), 8n),
          literalOf(dataTypes.int64(), 1n),
        ),
        literalOf(dataTypes.utf8(), '1'),
      );
      const no = condition('not', VOLATILE);
      const shapes: (readonly [string, readonly Expr[]])[] = [odd, VOLATILE, no].flatMap((branch, index) => [
        [`and ${index}`, [condition('and', known, branch)]] as const,
        [`or ${index}`, [condition('or', known, branch)]] as const,
        [`not or ${index}`, [condition('not', condition('or', known, branch))]] as const,
        [`not and ${index}`, [condition('not', condition('and', known, branch))]] as const,
        [
          `or of ands ${index}`,
          [condition('or', condition('and', known, branch), condition('and', condition('not', known), branch))],
        ] as const,
        [
          `and of ors ${index}`,
          [condition('and', condition('or', known, branch), condition('or', condition('not', known), branch))],
        ] as const,
        [`conjuncts ${index}`, [known, branch]] as const,
      ]);
      await auditAll(
        context,
        fixture,
        shapes.map(([label, filters]) => ({ label, filters })),
      );
    },
  },
  {
    id: 'contradictions',
    number: 67,
    title: 'contradictions give no rows without an error, tautologies all rows',
    fix: 'Translate constants and repeated columns as they are; the source’s optimizer sees the rest.',
    async run(context) {
      const fixture = await context.fixture(NATION);
      const id = fixture.field('id');
      const equals = (value: number) => condition('eq', columnOf(id), literalOf(id.type, value));
      await auditAll(context, fixture, [
        { label: 'id = 1 and id = 2', filters: [equals(1), equals(2)] },
        { label: 'FALSE', filters: [literalOf(dataTypes.bool(), false)] },
        { label: 'NULL', filters: [literalOf(dataTypes.bool(), null)] },
        { label: 'TRUE', filters: [literalOf(dataTypes.bool(), true)] },
        { label: 'id = 1 or TRUE', filters: [condition('or', equals(1), literalOf(dataTypes.bool(), true))] },
        { label: 'no filter', filters: [] },
      ]);
    },
  },
  {
    id: 'volatile-functions-stay',
    number: 78,
    title: 'random() and now() never reach the source',
    fix: 'Answer `none` for every expression that isVolatile() of core finds.',
    async run(context) {
      const fixture = await context.fixture(NATION);
      const mark = await markStatements(context);
      const now = condition('is_not_null', callOf('now', dataTypes.timestamp(dataTypes.timestamp().unit, 'UTC')));
      const { plan, rows } = await scanTable(await context.open(fixture), {
        projection: [0],
        filters: [VOLATILE, now],
      });
      if (plan.applied.filters.some((degree) => degree !== 'none') || rows.length !== fixture.rows.length)
        context.fail({
          expected: 'none, none and all rows',
          found: `${plan.applied.filters.join(', ')} and ${rows.length} rows`,
        });
      const sent = (await readsSince(context, mark, fixture.location))?.find((statement) =>
        /random|rand\(|now\(|current_timestamp/i.test(statement),
      );
      if (sent !== undefined) context.fail({ expected: 'no volatile function', found: 'one', statement: sent });
    },
  },
  {
    id: 'guards-keep-guarding',
    number: 79,
    title: 'a filter that fails for some rows does not start failing where another filter excludes them',
    fix: 'Claim `none` for expressions that may raise (casts of text, division, overflow), or write them so that they cannot.',
    async run(context) {
      const fixture = await context.fixture(GUARDED);
      const [kind, value] = [fixture.field('kind'), fixture.field('value')];
      const guard = condition('eq', columnOf(kind), literalOf(kind.type, 'n'));
      const raising = condition(
        'gt',
        callOf('cast', dataTypes.int32(), columnOf(value)),
        literalOf(dataTypes.int32(), 5),
      );
      await auditAll(context, fixture, [
        { label: 'guard, cast', filters: [guard, raising] },
        { label: 'cast, guard', filters: [raising, guard] },
        { label: 'guard and cast', filters: [condition('and', guard, raising)] },
        { label: 'cast and guard', filters: [condition('and', raising, guard)] },
      ]);
      try {
        await scanTable(await context.open(fixture), { filters: [raising] });
      } catch (error) {
        if (!isMillraceError(error))
          context.fail({ expected: 'a typed error of the cast alone', found: String(error) });
      }
    },
  },
  {
    id: 'claims-match-the-stream',
    number: 80,
    title: 'several filters at once: each claim is true of the raw stream',
    fix: 'Claim `exact` only for what the statement really says, filter by filter.',
    async run(context) {
      const fixture = await context.fixture(ORDERS);
      const [id, status, nation] = [fixture.field('id'), fixture.field('status'), fixture.field('nation_id')];
      const open = condition('eq', columnOf(status), literalOf(status.type, 'open'));
      const low = condition('lt', columnOf(id), literalOf(id.type, 150n));
      const some = condition('in', columnOf(nation), ...[1, 2, 3, 4].map((value) => literalOf(nation.type, value)));
      await auditAll(context, fixture, [
        { label: 'three filters', filters: [open, low, some] },
        { label: 'with a volatile one', filters: [open, VOLATILE, low] },
        { label: 'not open', filters: [condition('not', open), some] },
        {
          label: 'open, either case',
          filters: [
            condition('eq', callOf('lower', dataTypes.utf8(), columnOf(status)), literalOf(dataTypes.utf8(), 'open')),
          ],
        },
      ]);
    },
  },
  {
    id: 'explain-shows-filters',
    number: 81,
    title:
      'explain() names the source and, where a statement is sent, shows it with the pushed columns and without values',
    fix: 'Return the very statement that runs, with placeholders where values are bound.',
    async run(context) {
      const fixture = await context.fixture(BIG);
      const field = fixture.field('t');
      const filters = [condition('eq', columnOf(field), literalOf(field.type, 'row 4711'))];
      const plan = await planTable(await context.open(fixture), { filters, projection: [0] });
      const { source, statement } = plan.explain();
      if (source === '') context.fail({ expected: 'a source in words', found: 'nothing' });
      if (statement === undefined || plan.applied.filters[0] === 'none') return;
      const where = statement.slice(statement.toLowerCase().indexOf('where'));
      if (!/where/i.test(statement) || !where.includes('t'))
        context.fail({ expected: 'the pushed filter in the statement', found: 'none', statement });
    },
  },
]);
