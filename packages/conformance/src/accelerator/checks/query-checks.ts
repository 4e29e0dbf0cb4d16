import type { Chapter, Check } from '../../check.ts';
import { CONNECTOR_CHECKS } from '../../connector-checks.ts';
import { pause } from '../../read/wait.ts';
import { type AcceleratorChapter, type AcceleratorCheck, defineAcceleratorChecks } from '../accelerator-check.ts';

/** Checks of every table that are asked of accelerated ones as well, by the chapter that they stand in here. */
const ASKED: Readonly<Record<'table' | 'queries', readonly string[]>> = {
  table: [
    'catalog/schema-is-as-documented',
    'catalog/many-columns',
    'catalog/odd-table-names',
    'catalog/odd-column-names',
    'catalog/reserved-words',
    'catalog/names-that-differ-by-case',
    'types/low-and-high-values',
    'types/integers',
    'types/unsigned-integers',
    'types/floats',
    'types/decimals',
    'types/text',
    'types/binary',
    'types/boolean',
    'types/date',
    'types/time',
    'types/timestamp',
    'types/timestamp-with-zone',
    'types/other-types',
    'types/late-values',
    'types/text-stays-text',
  ],
  queries: [
    // Before the large tables, which slow down the collector of garbage for its 40,000 literals.
    'filters/long-lists',
    'scan/all-rows',
    'scan/projection-order',
    'scan/empty-projection',
    'scan/filter-outside-projection',
    'scan/batches-have-the-schema',
    'scan/empty-table',
    'scan/rows-are-streamed',
    'scan/breaking-out-releases',
    'scan/consumer-throws',
    'scan/concurrent-scans',
    'scan/more-scans-than-connections',
    'scan/nested-scans',
    'scan/partitions-make-the-whole',
    'scan/partitions-can-be-retried',
    'scan/declared-order-holds',
    ...idsOf('filters').filter((id) => id !== 'filters/declared-filters-are-pushed' && id !== 'filters/long-lists'),
    'stages/limits',
    'stages/limits-over-partitions',
    'stages/offsets',
    'stages/top-rows',
    'stages/ties',
    'stages/exact-orders-are-sorted',
    'stages/statistics-are-true',
    ...idsOf('sql'),
    'faults/abort-before-reading',
    'faults/abort-while-reading',
    'faults/healthy-after-aborts',
    'faults/open-and-abort-cycles',
  ],
};

/** Of the chapter about tables, what does not depend on where rows live. */
const SAME_EVERYWHERE: ReadonlySet<string> = new Set([
  'types/low-and-high-values',
  'catalog/odd-column-names',
  'catalog/reserved-words',
]);

/** Types and names: what a table of any kind keeps. */
export const SHARED_TABLE_CHECKS: readonly AcceleratorCheck[] = askedIn('table');

/** Scans, filters, orders, limits and SQL over accelerated tables. */
export const QUERY_CHECKS: readonly AcceleratorCheck[] = askedIn('queries');

/** The last check of a run: what went wrong with nobody looking. */
export const ACCELERATOR_PROCESS_CHECKS: readonly AcceleratorCheck[] = defineAcceleratorChecks('queries', [
  {
    id: 'no-unhandled-rejections',
    number: 111,
    title: 'no promise was rejected with nobody listening, in the whole run',
    fix: 'Await, or catch, every promise: background loads, checkpoints, timers.',
    async run({ unhandled, fail }) {
      await pause(100);
      const [first] = unhandled;
      if (first === undefined) return;
      const text = first instanceof Error ? (first.stack ?? first.message) : String(first);
      fail({ expected: 'none', found: `${unhandled.length}: ${text}` });
    },
  },
]);

/** The id of a check of tables where it is asked of accelerated ones: `filters/like` is `queries/filters-like`. */
export function sharedCheckId(chapter: AcceleratorChapter, { id }: Pick<Check, 'id'>): string {
  return `${chapter}/${id.replace('/', '-')}`;
}

function idsOf(chapter: Chapter): string[] {
  return CONNECTOR_CHECKS.filter((check) => check.chapter === chapter).map(({ id }) => id);
}

function askedIn(chapter: 'table' | 'queries'): readonly AcceleratorCheck[] {
  return ASKED[chapter].map((id): AcceleratorCheck => {
    const check = CONNECTOR_CHECKS.find((each) => each.id === id);
    if (check === undefined) throw new TypeError(`there is no check ${id}`);
    return {
      ...check,
      id: sharedCheckId(chapter, check),
      chapter,
      async run(context) {
        if (chapter === 'queries' || SAME_EVERYWHERE.has(id)) context.requireFirstMode();
        await check.run(await context.tables());
      },
    };
  });
}
