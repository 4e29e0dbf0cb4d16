import { dataTypes } from '@millrace/core';
import { type Check, defineChecks } from '../check.ts';
import { likeCases, partCases, textCases } from '../data/filter-cases.ts';
import { NATION } from '../data/small-tables.ts';
import { COLLATION_TEXTS, HOSTILE_TEXTS, LIKE_PATTERNS, TEXTS } from '../data/text-values.ts';
import { columnOf, condition, literalOf } from '../expressions.ts';
import { auditAll } from '../read/audit-filters.ts';
import { scanTable } from '../read/scan-table.ts';

/** Comparisons, lists and patterns of text. */
export const TEXT_FILTER_CHECKS: readonly Check[] = defineChecks('filters', [
  {
    id: 'text-compares-by-bytes',
    number: 68,
    title: 'text compares by bytes: case, accents and trailing spaces count, and order is that of code points',
    fix: 'Push text comparisons as `exact` only under a bytewise collation; equality of a wider collation is `inexact`, its ranges are `none`.',
    timeoutMs: 300_000,
    async run(context) {
      const fixture = await context.fixture(TEXTS);
      await auditAll(context, fixture, textCases(fixture.field('t'), COLLATION_TEXTS));
    },
  },
  {
    id: 'text-lists',
    number: 70,
    title: 'IN lists of text are right however the source orders them',
    fix: 'Do not turn a list into a range unless the source’s order is that of bytes.',
    async run(context) {
      const fixture = await context.fixture(TEXTS);
      const { type } = fixture.field('t');
      const column = columnOf(fixture.field('t'));
      const lists = [['0', 'B', 'a'], ['A', 'Z', 'a', 'z'], ['a ', 'a', ' a'], COLLATION_TEXTS, HOSTILE_TEXTS];
      await auditAll(
        context,
        fixture,
        lists.flatMap((texts, index) => {
          const filter = condition('in', column, ...texts.map((text) => literalOf(type, text)));
          return [
            { label: `list ${index}`, filters: [filter] },
            { label: `not in list ${index}`, filters: [condition('not', filter)] },
          ];
        }),
      );
    },
  },
  {
    id: 'like',
    number: 71,
    title: 'LIKE keeps its wildcards, its escapes and the case of letters',
    fix: 'Bind the pattern as a parameter, always write ESCAPE, and push it only where the source matches case.',
    async run(context) {
      const fixture = await context.fixture(TEXTS);
      const patterns = likeCases(fixture.field('t'), LIKE_PATTERNS);
      const utf8 = dataTypes.utf8();
      const noPattern = condition('like', columnOf(fixture.field('t')), literalOf(utf8, null), literalOf(utf8, ''));
      await auditAll(context, fixture, [...patterns, { label: 'like NULL', filters: [noPattern] }]);
    },
  },
  {
    id: 'parts-of-text',
    number: 72,
    title: 'starts_with, ends_with and contains take %, _ and \\ as they are',
    fix: 'Escape the argument before it becomes a pattern, or use the source’s own function.',
    timeoutMs: 300_000,
    async run(context) {
      const fixture = await context.fixture(TEXTS);
      const texts = ['%', '_', '\\', "'", '', 'a', 'A', '50%', 'a_', '\\%', '\n', 'ä', '\u{1F600}', ' '];
      await auditAll(context, fixture, partCases(fixture.field('t'), texts));
    },
  },
  {
    id: 'hostile-values',
    number: 73,
    title: 'values full of quotes, comments and placeholders are values',
    fix: 'Bind every value; never splice one into the statement.',
    timeoutMs: 300_000,
    async run(context) {
      const [fixture, nation] = [await context.fixture(TEXTS), await context.fixture(NATION)];
      await auditAll(context, fixture, textCases(fixture.field('t'), HOSTILE_TEXTS));
      const { rows } = await scanTable(await context.open(nation), { projection: [] });
      if (rows.length !== nation.rows.length)
        context.fail({ expected: 'the other tables untouched', found: `${rows.length} rows` });
    },
  },
]);
